/**
 * Embeddings made from documents themselves: latent semantic analysis (Deerwester et al., 1990). Words that stand in the same
 * company get similar directions, so that a text and its paraphrase come near each other; nothing is known beyond the texts.
 *
 * The texts become rows of a matrix of weighted terms; an orthonormal basis of its strongest directions is found by subspace
 * iteration from a fixed seed. A text's vector is its row in that basis.
 */
import { splitWords } from '../../src/search.ts'

export interface LatentSemantics {
  readonly dimension: number
  /** Unit length; a text without a known word has a direction of its own. */
  embed(text: string): Float32Array
}

interface SparseRow {
  terms: Uint32Array
  weights: Float32Array
}

const ITERATIONS = 4
const PREFIX_LENGTH = 5

export function learn(texts: readonly string[], dimension: number): LatentSemantics {
  const vocabulary = countTerms(texts)
  const rows = texts.map((text) => rowOf(text, vocabulary, texts.length))
  const width = Math.max(1, Math.min(dimension, Math.floor(texts.length / 2), vocabulary.size))
  const basis = strongestDirections(rows, vocabulary.size, width)
  return {
    dimension,
    embed(text) {
      const { terms, weights } = rowOf(text, vocabulary, texts.length)
      const vector = new Float32Array(dimension)
      for (let d = 0; d < width; d++) {
        const direction = basis[d]!
        let sum = 0
        for (let i = 0; i < terms.length; i++) sum += weights[i]! * direction[terms[i]!]!
        vector[d] = sum
      }
      return normalised(vector)
    },
  }
}

/** Number and document frequency of every term that more than one text has. */
function countTerms(texts: readonly string[]): Map<string, { number: number; frequency: number }> {
  const frequencies = new Map<string, number>()
  for (const text of texts) {
    for (const term of new Set(termsOf(text))) frequencies.set(term, (frequencies.get(term) ?? 0) + 1)
  }
  const common = [...frequencies].filter(([, frequency]) => frequency > 1)
  return new Map(common.map(([term, frequency], number) => [term, { number, frequency }]))
}

/** Words, and the beginnings of longer ones: other endings are the same word. */
function termsOf(text: string): string[] {
  return splitWords(text).flatMap(({ text: word }) =>
    word.length > PREFIX_LENGTH ? [word, `${word.slice(0, PREFIX_LENGTH)}~`] : [word],
  )
}

function rowOf(
  text: string,
  vocabulary: ReadonlyMap<string, { number: number; frequency: number }>,
  texts: number,
): SparseRow {
  const counts = new Map<number, { count: number; frequency: number }>()
  for (const term of termsOf(text)) {
    const known = vocabulary.get(term)
    if (!known) continue
    const entry = counts.get(known.number)
    if (entry) entry.count++
    else counts.set(known.number, { count: 1, frequency: known.frequency })
  }
  const terms = Uint32Array.from(counts.keys())
  const weights = Float32Array.from(counts.values(), ({ count, frequency }) => {
    return (1 + Math.log(count)) * Math.log(texts / frequency)
  })
  normalised(weights)
  return { terms, weights }
}

function strongestDirections(rows: readonly SparseRow[], terms: number, width: number): Float32Array[] {
  const random = seededRandom(1)
  const basis: Float32Array[] = Array.from({ length: width }, () =>
    Float32Array.from({ length: terms }, () => random() - 0.5),
  )
  orthonormalise(basis)
  for (let n = 0; n < ITERATIONS; n++) {
    for (const [d, direction] of basis.entries()) basis[d] = timesSquare(rows, direction)
    orthonormalise(basis)
  }
  return basis
}

/** The direction times AᵀA. */
function timesSquare(rows: readonly SparseRow[], direction: Float32Array): Float32Array {
  const result = new Float32Array(direction.length)
  for (const { terms, weights } of rows) {
    let product = 0
    for (let i = 0; i < terms.length; i++) product += weights[i]! * direction[terms[i]!]!
    for (let i = 0; i < terms.length; i++) result[terms[i]!]! += weights[i]! * product
  }
  return result
}

/** Gram and Schmidt, modified. */
function orthonormalise(basis: Float32Array[]): void {
  for (const [d, direction] of basis.entries()) {
    for (let before = 0; before < d; before++) {
      const other = basis[before]!
      let product = 0
      for (let i = 0; i < direction.length; i++) product += direction[i]! * other[i]!
      for (let i = 0; i < direction.length; i++) direction[i]! -= product * other[i]!
    }
    normalised(direction)
  }
}

function normalised(vector: Float32Array): Float32Array {
  let squares = 0
  for (const value of vector) squares += value * value
  const length = Math.sqrt(squares)
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i]! /= length
  else if (vector.length > 0) vector[vector.length - 1] = 1
  return vector
}

/** Mulberry32: the same numbers on every run. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
