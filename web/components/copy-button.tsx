/** The answer as text, with its quotes as footnotes. */
import { useSignal } from '@preact/signals'
import { withFootnotes } from '../chat-text.ts'
import { t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import { footnote } from '../state/export.ts'
import type { Citation } from '../wire.ts'
import { Icon } from './icon.tsx'

/** How long the button says that it has copied. */
const SAID_MS = 2000

export function CopyButton({ text, citations }: { text: string; citations: readonly Citation[] }) {
  const isCopied = useSignal(false)
  // Browsers give the clipboard to pages on trustworthy connections only.
  if (!isSecureContext) return null
  const copy = async () => {
    await navigator.clipboard.writeText(withFootnotes(text, citations, footnote))
    announce(t.copied)
    isCopied.value = true
    setTimeout(() => {
      isCopied.value = false
    }, SAID_MS)
  }
  return (
    <button type="button" class="button small plain" onClick={() => void copy().catch(() => announce(t.copyFailed))}>
      <Icon name={isCopied.value ? 'check' : 'copy'} />
      {isCopied.value ? t.copied : t.copy}
    </button>
  )
}
