/** The final order of candidates: BM25F over the fields, the best sentence, and nearness of the question's words. */
import type { Sums } from './lexical-index.ts'
import { Cover, type Match, type MatchedPassage, type MatchedText } from './matching.ts'
import type { Term } from './weights.ts'

export interface FieldLengths {
  text: number
  title: number
  heading: number
}

/** Words of the question, without function words, in order: numbers of terms. */
export type ContentWords = readonly number[]

const K1 = 1.0
const B_TEXT = 0.5
const B_SHORT_FIELDS = 0.3
const SENTENCE_SHARE = 1.0
const NEARNESS_SHARE = 0.8
const HEADING_IN_SENTENCE = 0.7
const TITLE_IN_SENTENCE = 0.5
/** Words apart at most, and how far the heading is thought away from the text. */
const GAP_MAX = 6
const HEADING_GAP = 10
/** A pair in the other order counts as further apart. */
const REVERSED = 1.5

export function rank(
  passage: MatchedPassage,
  lengths: FieldLengths,
  { terms, content, sums }: { terms: readonly Term[]; content: ContentWords; sums: Sums },
): number {
  return (
    fieldedBm25(passage, lengths, terms, sums) +
    SENTENCE_SHARE * bestSentence(passage, terms) +
    NEARNESS_SHARE * nearness(positionsIn(passage), content, terms)
  )
}

function fieldedBm25(passage: MatchedPassage, lengths: FieldLengths, terms: readonly Term[], sums: Sums): number {
  const frequencies = new Float64Array(terms.length)
  const count = ({ matches }: MatchedText, length: number, total: number, b: number) => {
    const average = Math.max(1, total / Math.max(1, sums.passages))
    const share = 1 / (1 - b + (b * length) / average)
    for (const { term } of matches) frequencies[term]! += share
  }
  count(passage.body, lengths.text, sums.text, B_TEXT)
  count(passage.title, lengths.title, sums.title, B_SHORT_FIELDS)
  count(passage.heading, lengths.heading, sums.heading, B_SHORT_FIELDS)
  let score = 0
  for (const [index, { weight }] of terms.entries()) {
    const frequency = frequencies[index]!
    score += (weight * frequency * (K1 + 1)) / (frequency + K1)
  }
  return score
}

function bestSentence({ sentences, lastHeading, title }: MatchedPassage, terms: readonly Term[]): number {
  const cover = new Cover(terms)
  let best = cover.add(lastHeading.matches) / lengthPenalty(lastHeading.starts.length)
  for (const sentence of sentences) {
    cover.reset()
    const sum =
      cover.add(sentence.matches) +
      HEADING_IN_SENTENCE * cover.add(lastHeading.matches) +
      TITLE_IN_SENTENCE * cover.add(title.matches)
    best = Math.max(best, sum / lengthPenalty(sentence.words))
  }
  return best
}

function lengthPenalty(words: number): number {
  return 0.85 + (0.15 * words) / 20
}

/** Places of each term: the text's words, then the heading's at a distance. */
function positionsIn({ body, heading }: MatchedPassage): Map<number, number[]> {
  const places = placesOf(body.matches)
  const offset = body.starts.length + HEADING_GAP
  for (const { term, position } of heading.matches) push(places, term, position + offset)
  return places
}

export function placesOf(matches: readonly Match[]): Map<number, number[]> {
  const places = new Map<number, number[]>()
  for (const { term, position } of matches) push(places, term, position)
  return places
}

function push(places: Map<number, number[]>, term: number, position: number): void {
  const list = places.get(term)
  if (list) list.push(position)
  else places.set(term, [position])
}

/** For neighbours of the question, how near they stand here. */
export function nearness(
  places: ReadonlyMap<number, readonly number[]>,
  content: ContentWords,
  terms: readonly Term[],
): number {
  let sum = 0
  for (let i = 0; i + 1 < content.length; i++) {
    const [u, v] = [content[i]!, content[i + 1]!]
    if (u === v) continue
    const [nu, nv] = [standIn(u, places, terms), standIn(v, places, terms)]
    const gap = smallestGap(places.get(nu), places.get(nv))
    if (gap <= GAP_MAX) sum += Math.min(terms[nu]!.weight, terms[nv]!.weight) / Math.sqrt(gap)
  }
  return sum
}

/** What `nearness` gives where all neighbours stand side by side. */
export function nearnessMax(content: ContentWords, terms: readonly Term[]): number {
  let sum = 0
  for (let i = 0; i + 1 < content.length; i++) {
    const [u, v] = [content[i]!, content[i + 1]!]
    if (u !== v) sum += Math.min(terms[u]!.weight, terms[v]!.weight)
  }
  return sum
}

/** Both lists ascend: one pass. */
function smallestGap(first: readonly number[] | undefined, second: readonly number[] | undefined): number {
  if (!first || !second) return Infinity
  let best = Infinity
  let i = 0
  let j = 0
  while (i < first.length && j < second.length) {
    const distance = second[j]! - first[i]!
    if (distance !== 0) best = Math.min(best, distance > 0 ? distance : -distance * REVERSED)
    if (distance >= 0) i++
    else j++
  }
  return best
}

/** Where a word does not stand, another form of it may. */
function standIn(term: number, places: ReadonlyMap<number, readonly number[]>, terms: readonly Term[]): number {
  return places.has(term) ? term : (terms[term]!.prefix ?? term)
}
