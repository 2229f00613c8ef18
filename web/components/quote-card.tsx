/** A passage word for word, with its place. The whole card opens the page. */
import { flowing } from '../answer-blocks.ts'
import { t } from '../messages.ts'
import { open, type Place } from '../state/reader.ts'
import type { Citation } from '../wire.ts'

export type Quotable = Pick<Citation, 'n' | 'documentId' | 'name' | 'page' | 'start' | 'end' | 'url'> & {
  quote: string
}

export function QuoteCard({ quotable, trail = [] }: { quotable: Quotable; trail?: readonly Quotable[] }) {
  const { n, name, page, quote, url } = quotable
  return (
    <figure class="quote" dir="auto">
      <blockquote>{flowing(quote)}</blockquote>
      <figcaption>
        {url === undefined ? (
          <button type="button" onClick={() => show(quotable, trail)}>
            <QuoteNumber n={n} /> <bdi class="quote-name">{name}</bdi>{' '}
            <span class="quote-page">{page !== null && t.place(page)}</span>
          </button>
        ) : (
          <a href={url} target="_blank" rel="noopener noreferrer external">
            <QuoteNumber n={n} /> <bdi class="quote-name">{name}</bdi>{' '}
            <span class="quote-page">{t.inTheWeb(new URL(url).hostname)}</span>
          </a>
        )}
      </figcaption>
    </figure>
  )
}

function QuoteNumber({ n }: { n: number }) {
  return (
    <span class="quote-number">
      <span class="unseen">{t.quote} </span>
      {n}
    </span>
  )
}

/** Opens the page of a document; what is of the web is a link. */
export function show(quotable: Quotable, trail: readonly Quotable[]): void {
  const [place] = placesOf([quotable])
  if (place) void open(place, placesOf(trail))
}

function placesOf(quotables: readonly Quotable[]): Place[] {
  return quotables.flatMap(({ documentId, name, page, start, end }) =>
    documentId === null || page === null ? [] : [{ documentId, name, page, mark: { start, end } }],
  )
}
