/** Files may be let go anywhere on the page, folders too; and pasted, as a screenshot or a text is. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../messages.ts'
import { addFiles } from '../state/uploads.ts'
import { openPaste } from './paste-dialog.tsx'

export function DropTarget() {
  const isOver = useSignal(false)
  useEffect(() => {
    const abort = new AbortController()
    const { signal } = abort
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes('Files')) return
      event.preventDefault()
      isOver.value = true
    }
    addEventListener('dragenter', over, { signal })
    addEventListener('dragover', over, { signal })
    addEventListener(
      'dragleave',
      (event) => {
        // Leaving one element for the next has a related target; leaving the window has none.
        if (event.relatedTarget === null) isOver.value = false
      },
      { signal },
    )
    addEventListener(
      'drop',
      (event) => {
        isOver.value = false
        if (!event.dataTransfer?.types.includes('Files')) return
        event.preventDefault()
        void filesOf(event.dataTransfer).then(addFiles)
      },
      { signal },
    )
    addEventListener(
      'paste',
      (event) => {
        const files = event.clipboardData?.files ?? []
        const text = event.clipboardData?.getData('text/plain') ?? ''
        const isTyped = event.target instanceof Element && event.target.closest('input, textarea, dialog') !== null
        if (files.length === 0 && (isTyped || text.trim() === '')) return
        event.preventDefault()
        if (files.length > 0) addFiles(files)
        else openPaste(text)
      },
      { signal },
    )
    return () => abort.abort()
  }, [isOver])
  return (
    <div class="drop-target" hidden={!isOver.value} aria-hidden="true">
      <p>{t.dropHere}</p>
    </div>
  )
}

/** A thing that was dropped more deeply nested than this is not a folder of documents. */
const FOLDER_DEPTH_MAX = 16

async function filesOf(transfer: DataTransfer): Promise<File[]> {
  // The list is emptied when the event is over, so every entry is taken before the first wait.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry())
  if (entries.every((entry) => entry === null)) return [...transfer.files]
  const files: File[] = []
  for (const entry of entries) if (entry !== null) await collect(entry, files, 0)
  return files
}

async function collect(entry: FileSystemEntry, files: File[], depth: number): Promise<void> {
  if (depth > FOLDER_DEPTH_MAX || (depth > 0 && entry.name.startsWith('.'))) return
  if (entry.isFile) {
    files.push(await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject)))
    return
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  for (;;) {
    // A reader answers at most a hundred entries at once, and none at the end.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (batch.length === 0) return
    for (const child of batch) await collect(child, files, depth + 1)
  }
}
