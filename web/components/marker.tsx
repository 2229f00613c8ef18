/**
 * The number of a source in a sentence. Pointed at or focused it shows what stands there; pressed, it opens the place.
 * The card can be pointed at itself, and Escape puts it away.
 */
import { useSignal } from '@preact/signals'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { flowing } from '../answer-blocks.ts'
import { t } from '../messages.ts'
import type { Citation } from '../wire.ts'
import { show } from './quote-card.tsx'

/** px between the card and the edges of the window. */
const MARGIN = 8

export function Marker({ citation, trail }: { citation: Citation; trail: readonly Citation[] }) {
  const { n, name, page, url } = citation
  const isShown = useSignal(false)
  const id = useId()
  const card = useRef<HTMLSpanElement>(null)
  const shown = isShown.value
  useLayoutEffect(() => {
    if (shown && card.current !== null) place(card.current)
  }, [shown])
  const attributes = { class: 'marker', 'aria-describedby': shown ? id : undefined }
  return (
    // The card belongs to what is inside, which has the focus and the keys.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <span
      class="marker-place"
      onMouseEnter={() => {
        isShown.value = true
      }}
      onMouseLeave={() => {
        isShown.value = false
      }}
      onFocusIn={() => {
        isShown.value = true
      }}
      onFocusOut={() => {
        isShown.value = false
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !shown) return
        event.preventDefault()
        event.stopPropagation() // It puts this away and nothing else.
        isShown.value = false
      }}
    >
      {url === undefined ? (
        <button
          type="button"
          {...attributes}
          aria-label={t.quoteOf(n, name, page ?? 1)}
          onClick={() => {
            isShown.value = false
            show(citation, trail)
          }}
        >
          {n}
        </button>
      ) : (
        <a {...attributes} href={url} target="_blank" rel="noopener noreferrer external" aria-label={t.linkOf(n, name)}>
          {n}
        </a>
      )}
      {shown && (
        <span ref={card} id={id} class="marker-card" role="tooltip">
          <q dir="auto">{flowing(citation.quote)}</q>
          <span class="quiet">
            <bdi>{name}</bdi> {page !== null && t.place(page)}
          </span>
        </span>
      )}
    </span>
  )
}

/** Under the number, or over it where there is no room; never beyond the window. */
function place(card: HTMLElement): void {
  const number = card.parentElement!.getBoundingClientRect()
  const { width, height } = card.getBoundingClientRect()
  const left = Math.max(MARGIN, Math.min(number.left, innerWidth - width - MARGIN))
  const below = number.bottom
  const top = below + height + MARGIN <= innerHeight ? below : Math.max(MARGIN, number.top - height)
  // An ancestor may be what "fixed" is measured from.
  card.style.left = '0'
  card.style.top = '0'
  const origin = card.getBoundingClientRect()
  card.style.left = `${left - origin.left}px`
  card.style.top = `${top - origin.top}px`
}
