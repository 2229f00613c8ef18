/** Passages of the documents for what is being typed: the last words win, and nobody waits for the ones before. */
import { useEffect, useState } from 'preact/hooks'
import { api } from '../api-client.ts'
import type { SearchHit } from '../wire.ts'

/** Fewer letters say nothing; after so long without another one somebody waits. */
const LETTERS_MIN = 3
const PAUSE_MS = 120

/** None while nothing was found, or could not be looked for: the palette finds other things as well. */
export function usePassages(query: string): readonly SearchHit[] {
  const [hits, setHits] = useState<readonly SearchHit[]>([])
  const wanted = query.trim()
  useEffect(() => {
    if (wanted.length < LETTERS_MIN) {
      setHits([])
      return
    }
    const typing = new AbortController()
    const timer = setTimeout(() => {
      api.search(wanted, typing.signal).then(
        (found) => setHits(found.hits),
        () => !typing.signal.aborted && setHits([]),
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      typing.abort()
    }
  }, [wanted])
  return hits
}
