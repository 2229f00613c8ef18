/** The keys of the page, by `?` or by the button in the header. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../messages.ts'
import { Icon } from './icon.tsx'

const isOpen = signal(false)

const KEYS = [
  ['/', 'question'],
  ['Enter', 'ask'],
  ['Shift Enter', 'newLine'],
  ['Ctrl Shift O', 'newChat'],
  ['Escape', 'escape'],
  ['[ ]', 'quotes'],
  ['?', 'help'],
] as const

export function openKeyboardHelp(): void {
  isOpen.value = true
}

export function KeyboardHelp() {
  const dialog = useRef<HTMLDialogElement>(null)
  const isShown = isOpen.value
  useEffect(() => {
    if (isShown) dialog.current?.showModal()
  }, [isShown])
  if (!isShown) return null
  const shut = () => {
    // Closing gives the focus back to where it was, removing the element would not.
    dialog.current?.close()
    isOpen.value = false
  }
  return (
    <dialog
      ref={dialog}
      class="help"
      aria-labelledby="help-title"
      onCancel={(event) => {
        event.preventDefault()
        shut()
      }}
    >
      <div class="pane-head">
        <h2 id="help-title">{t.keyboard}</h2>
        <button type="button" class="button bare" aria-label={t.close} onClick={shut}>
          <Icon name="close" />
        </button>
      </div>
      <dl>
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t.keyMeanings[meaning]}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  )
}
