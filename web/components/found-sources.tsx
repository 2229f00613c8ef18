/** What was found, before the first word is written: where the answer will come from. */
import { t } from '../messages.ts'
import type { Exchange } from '../state/exchange.ts'
import { show } from './quote-card.tsx'

/** As many as one takes in at a glance. */
const SHOWN_MAX = 4

export function FoundSources({ exchange }: { exchange: Exchange }) {
  const sources = exchange.sources.value.slice(0, SHOWN_MAX)
  if (sources.length === 0) return null
  return (
    <ul class="found-sources" aria-label={t.foundSources}>
      {sources.map((source) => (
        <li key={source.n}>
          <button type="button" onClick={() => show({ ...source, quote: source.text }, [])}>
            <span class="quote-number">{source.n}</span> <bdi>{source.name}</bdi>{' '}
            <span class="quiet">{source.page !== null && t.place(source.page)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}
