/** The ways in for documents: files, a folder with all that is in it, text. */
import { useRef } from 'preact/hooks'
import { t } from '../messages.ts'
import { area, narrow } from '../state/layout.ts'
import { addFiles } from '../state/uploads.ts'
import { Icon } from './icon.tsx'

/** The button of the eye and of the keyboard; the input behind it opens the chooser of the system. */
export function AddButton({ isShort = false }: { isShort?: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <button
        type="button"
        class={isShort ? 'button' : 'button primary'}
        aria-label={t.addDocuments}
        onClick={() => input.current?.click()}
      >
        <Icon name="plus" />
        {isShort ? t.add : t.addDocuments}
      </button>
      <input
        ref={input}
        class="file-input"
        type="file"
        multiple
        hidden
        tabIndex={-1}
        onChange={({ currentTarget }) => take(currentTarget)}
      />
    </>
  )
}

/** The types of Preact do not know it. */
const FOLDER = { webkitdirectory: true }
const FOLDER_INPUT = 'folder-input'

/** Hidden; `chooseFolder` opens it. */
export function FolderInput() {
  return (
    <input
      id={FOLDER_INPUT}
      type="file"
      multiple
      {...FOLDER}
      hidden
      tabIndex={-1}
      onChange={({ currentTarget }) => take(currentTarget)}
    />
  )
}

export function chooseFiles(): void {
  document.querySelector<HTMLInputElement>('.file-input')?.click()
}

export function chooseFolder(): void {
  document.getElementById(FOLDER_INPUT)?.click()
}

function take(input: HTMLInputElement): void {
  addFiles([...(input.files ?? [])].filter((file) => !isHidden(file)))
  input.value = '' // The same file again is a change too.
  if (narrow.matches) area.value = 'documents' // Where the progress is.
}

/** What a folder holds for programs is nothing to read. */
function isHidden({ webkitRelativePath }: File): boolean {
  return webkitRelativePath.split('/').some((part) => part.startsWith('.'))
}
