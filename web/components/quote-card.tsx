/** A passage word for word, with its place. The whole card opens the page. */
import { flowing } from '../answer-blocks.ts'
import { t } from '../messages.ts'
import { open, type Place } from '../state/reader.ts'
import type { Citation } from '../wire.ts'

export type Quotable = Pick<Citation, 'n' | 'documentId' | 'name' | 'page' | 'start' | 'end'> & { quote: string }

export function QuoteCard({ quotable, trail = [] }: { quotable: Quotable; trail?: readonly Quotable[] }) {
  const { n, name, page, quote } = quotable
  return (
    <figure class="quote" dir="auto">
      <blockquote>{flowing(quote)}</blockquote>
      <figcaption>
        <button type="button" onClick={() => show(quotable, trail)}>
          <span class="quote-number">
            <span class="unseen">{t.quote} </span>
            {n}
          </span>{' '}
          <bdi class="quote-name">{name}</bdi> <span class="quote-page">{t.place(page)}</span>
        </button>
      </figcaption>
    </figure>
  )
}

export function show(quotable: Quotable, trail: readonly Quotable[]): void {
  void open(placeOf(quotable), trail.map(placeOf))
}

function placeOf({ documentId, name, page, start, end }: Quotable): Place {
  return { documentId, name, page, mark: { start, end } }
}
