/** Text without a file becomes a document all the same. */
import { signal, useSignal } from '@preact/signals'
import { useId } from 'preact/hooks'
import { t } from '../messages.ts'
import { addFiles } from '../state/uploads.ts'
import { TextField } from './field.tsx'
import { Modal } from './modal.tsx'

/** The text that the dialog begins with; null while it is closed. */
const pasted = signal<string | null>(null)

export function openPaste(text = ''): void {
  pasted.value = text
}

export function PasteDialog() {
  if (pasted.value === null) return null
  return <PasteForm text={pasted.value} />
}

/** As much of its first line as makes a name. */
const NAME_CHARACTERS_MAX = 60

function PasteForm({ text: begun }: { text: string }) {
  const id = useId()
  const text = useSignal(begun)
  const name = useSignal(nameFrom(begun))
  const close = () => {
    pasted.value = null
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (text.value.trim() === '') return
    const title = name.value.trim() || nameFrom(text.value) || t.pastedText
    addFiles([new File([text.value], `${title}.txt`, { type: 'text/plain' })])
    close()
  }
  return (
    <Modal title={t.pasteText} class="paste" onClose={close}>
      <form class="fields" onSubmit={submit}>
        <div class="field">
          <label for={id}>{t.pasteLabel}</label>
          <textarea
            id={id}
            data-first
            dir="auto"
            rows={10}
            value={text}
            onInput={({ currentTarget }) => {
              text.value = currentTarget.value
            }}
          />
        </div>
        <TextField label={t.pasteName} value={name} autocomplete="off" />
        <button type="submit" class="button primary" aria-disabled={text.value.trim() === ''}>
          {t.pasteAdd}
        </button>
      </form>
    </Modal>
  )
}

function nameFrom(text: string): string {
  const [line = ''] = text.trim().split('\n')
  return [...line.replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ')].slice(0, NAME_CHARACTERS_MAX).join('').trim()
}
