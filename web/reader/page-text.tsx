/** What the bot sees of a page: its text, where that came from, and how certain it is. */
import { useEffect, useRef } from 'preact/hooks'
import { reasonWords, t } from '../messages.ts'
import type { Place } from '../state/reader.ts'
import type { PageAnswer } from '../wire.ts'
import { isDoubtful, piecesOf, type TextPiece } from './text-pieces.ts'

export function PageText({ page, mark, isPaper }: { page: PageAnswer; mark: Place['mark']; isPaper: boolean }) {
  const region = useRef<HTMLElement>(null)
  useEffect(() => {
    if (mark !== null) region.current?.querySelector('mark')?.scrollIntoView({ block: 'center' })
  }, [page, mark?.start, mark?.end])
  const hasDoubtful = page.words?.some(isDoubtful) ?? false
  return (
    // A region that scrolls must be reachable by keyboard.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: see above.
    <section ref={region} class="page-text" tabIndex={0} aria-label={t.pageTextOf(page.page)}>
      {isPaper && <p class="quiet">{sourceWords(page)}</p>}
      {hasDoubtful && <p class="quiet">{t.pageDoubtful}</p>}
      {page.text.trim() === '' ? (
        !isPaper && <p>{t.pageEmpty}</p>
      ) : (
        <p dir="auto">
          {piecesOf(page.text, mark, page.words).map((piece, i) => (
            <Piece key={i} piece={piece} />
          ))}
        </p>
      )}
    </section>
  )
}

function Piece({ piece: { text, isQuoted, isDoubtful } }: { piece: TextPiece }) {
  const words = isDoubtful ? <span class="doubtful">{text}</span> : text
  return isQuoted ? <mark>{words}</mark> : words
}

function sourceWords({ source, confidence, error }: PageAnswer): string {
  if (error !== null) return t.pageUnreadable(reasonWords(error.code, error.message))
  switch (source) {
    case 'text':
      return t.pageFromFile
    case 'ocr':
      return t.pageRecognised(confidence)
    case 'both':
      return t.pageFromBoth
    case 'none':
      return t.pageEmpty
  }
}
