/** A passage word for word, with its place. The whole card opens the page. */
import { t } from '../messages.ts'
import { open } from '../state/reader.ts'
import type { Citation } from '../wire.ts'

export type Quotable = Pick<Citation, 'n' | 'documentId' | 'name' | 'page' | 'start' | 'end'> & { quote: string }

export function QuoteCard({ quotable }: { quotable: Quotable }) {
  const { n, name, page, quote } = quotable
  return (
    <figure class="quote">
      <blockquote dir="auto">{quote}</blockquote>
      <figcaption>
        <button type="button" onClick={() => show(quotable)}>
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

export function show({ documentId, name, page, start, end }: Quotable): void {
  void open({ documentId, name, page, pages: null, mark: { start, end } })
}
