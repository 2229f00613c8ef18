/**
 * What a question finds by its meaning: its vector from the model, then the nearest passages of the active generation. Nobody
 * waits for it long, and nothing fails with it: without an answer in time the words alone decide, and the result says why.
 */
import { KnowBotError } from '../errors.ts'
import type { Embedder } from '../inference.ts'
import { SECOND_MS } from '../lib/units.ts'
import type { Reader } from '../storage.ts'
import { activeGeneration, type Generation } from './generations.ts'
import type { Scope } from './scope.ts'
import { findNearest, type Nearest } from './vector-search.ts'

/**
 * `off`: no model is set, or its vectors are not there yet. `used`: words and meaning together. `missed`: the model did not answer
 * in time or not at all, or with vectors that do not fit those of the index.
 */
export type Meaning =
  | { state: 'off' }
  | { state: 'missed'; reason: string }
  | { state: 'used'; generation: Generation; vector: Float32Array; nearest: Nearest }

export interface Meanings {
  /** Asks the model at once; never throws. Look for what is near when the words have found what they can. */
  ask(text: string): Asked
}

export interface Asked {
  nearest(scope: Scope, limit: number): Promise<Meaning>
}

/** Who searches waits for the words anyway, some milliseconds; beyond this the words alone are the better answer. */
const QUESTION_MS_MAX = SECOND_MS
/** Of questions asked last: the same one comes from the search as it is typed, from the page and from the answer. */
const KEPT_MAX = 64

export type EmbedderOf = (model: string) => Embedder | undefined

export function openMeanings(reader: Reader, embedderOf: EmbedderOf): Meanings {
  const kept = new Map<string, Promise<Float32Array>>()
  const vectorOf = (embedder: Embedder, text: string): Promise<Float32Array> => {
    const key = `${embedder.name}\n${text}`
    const known = kept.get(key)
    if (known !== undefined) return known
    const vector = embedder.embedQuery(text, QUESTION_MS_MAX, new AbortController().signal)
    kept.set(key, vector)
    if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value!)
    vector.catch(() => kept.delete(key))
    return vector
  }
  return {
    ask(text) {
      const generation = activeGeneration(reader)
      const embedder = generation && embedderOf(generation.model)
      if (!generation || !embedder || generation.dimension === null) return { nearest: async () => ({ state: 'off' }) }
      const vector = vectorOf(embedder, text)
      return {
        async nearest(scope, limit) {
          try {
            return await look(reader, generation, await vector, scope, limit)
          } catch (error) {
            if (!(error instanceof KnowBotError)) throw error
            return { state: 'missed', reason: error.message }
          }
        },
      }
    },
  }
}

async function look(
  reader: Reader,
  generation: Generation,
  vector: Float32Array,
  scope: Scope,
  limit: number,
): Promise<Meaning> {
  if (vector.length !== generation.dimension) {
    const reason = `Expected a vector of ${generation.dimension} numbers of ${generation.model}, got ${vector.length}: the index is made anew.`
    return { state: 'missed', reason }
  }
  return { state: 'used', generation, vector, nearest: await findNearest(reader, { generation, vector, scope, limit }) }
}
