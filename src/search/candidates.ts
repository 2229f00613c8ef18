/**
 * The passages worth a closer look: those in which the words of a question weigh most, among what the caller may see.
 *
 * Common tokens make a query slow, because every passage that holds one is visited. So the rarest tokens find candidates until
 * their passages add up to a budget; the ranking afterwards looks at all tokens. What each passage holds is added up from the
 * lists of the tokens: to let FTS5 rank by its bm25() costs ten times as much and finds no better candidates (measured in
 * docs/decisions/0023-lists-instead-of-bm25.md). Only where a single word is asked for do lists tell nothing apart.
 */
import type { Reader } from '../storage.ts'
import { type Candidate, readBeginnings, readRanked, readWanted, type Wanted } from './candidate-rows.ts'
import { readingToken } from './lexical-index.ts'
import { addUp, bestFirst, countAbove, type IdRange, type Ids, readIds, type WeighedIds, within } from './postings.ts'
import { type NarrowScope, passagesOf, readingsInNarrowScope, type Scope } from './scope.ts'
import type { Turn } from './turn.ts'
import type { Term } from './weights.ts'

export { type Candidate, type Found, readPassages } from './candidate-rows.ts'

/** FTS5 ranks up to so many passages itself: 4 ms. */
const RANKED_MAX = 3000
/** Passages in the lists that are read for one query: 2 to 7 ms. In a larger index more must be visited to find as much. */
const VISITED_MIN = 20_000
const VISITED_MAX = 60_000
const VISITED_SHARE = 0.1
/** What a heading or title adds to the weight of a single word. */
const HEADED_SHARE = 0.5
/** Rows that are looked up at once, best first, until enough are inside the scope. */
const ROWS_AT_ONCE = 64
/** Beyond so many, candidates hold at least this share of what the first holds. */
const CANDIDATES_MIN = 24
const SCORE_SHARE_MIN = 0.4
const ROWS_AT_ONCE_MAX = 1024
/** Phrases are looked for among so many passages: 30 ms. */
const PHRASES_VISITED_MAX = 100_000
/** A phrase finds a passage; what orders them are the words. */
const PHRASE_SCORE = 1e-6

export interface CandidateQuery {
  terms: readonly Term[]
  /** All words of each must stand side by side. */
  phrases: readonly (readonly string[])[]
  excluded: readonly (readonly string[])[]
  scope: Scope
  /** Passages in the index. */
  passages: number
  limit: number
}

export async function findCandidates(reader: Reader, query: CandidateQuery, turn: Turn): Promise<Candidate[]> {
  const { scope, passages } = query
  const found = findable(query.terms)
  if (scope.collectionIds.length === 0 || found.length === 0) return []
  const narrow = readingsInNarrowScope(reader, scope)
  if (narrow?.readingIds.length === 0) return []
  const wanted = wantedOf(query)
  const isOneWord = found.filter(({ kind }) => kind === 'word').length <= 1
  if (isOneWord && visitedOf(found, narrow) <= RANKED_MAX)
    return readRanked(reader, matchOf(found, narrow, query), wanted)

  const budget = Math.min(VISITED_MAX, Math.max(VISITED_MIN, passages * VISITED_SHARE))
  const inside = narrow && passagesOf(reader, narrow.readingIds)
  // Where even the rarest token is everywhere: the newest passages.
  const range = newestOf(rangeOf(reader, inside), budget / found[0]!.frequency)
  const tokens = chooseTokens(found, budget, range)
  const phrases = readPhrases(reader, query, range)
  const lists: WeighedIds[] = phrases ? [{ ids: phrases, weight: PHRASE_SCORE }] : []
  for (const { token, weight } of tokens) {
    lists.push({ ids: readIds(reader, quoted(token), range), weight })
    await turn.pause()
  }
  // All lists of one word are the same list: first come those that it heads, then the newest.
  if (isOneWord) lists.push(...tokens.map((term) => readHeaded(reader, term, range)))
  const postings = within(within(addUp(lists), phrases), inside)
  await turn.pause()
  // What holds little of the question is not ranked first by anything that comes later.
  const limit = Math.min(query.limit, Math.max(CANDIDATES_MIN, countAbove(postings, SCORE_SHARE_MIN)))
  return readBest(reader, bestFirst(postings, isOneWord), { ...wanted, limit })
}

/** Where no words are asked for: how the documents of the scope begin, newest first. */
export function findBeginnings(
  reader: Reader,
  { scope, excluded, limit }: Pick<CandidateQuery, 'scope' | 'excluded' | 'limit'>,
): Candidate[] {
  return readBeginnings(reader, wantedOf({ scope, excluded, limit }))
}

/** Rarest first; function words only where there is nothing else. */
function findable(terms: readonly Term[]): Term[] {
  const known = terms.filter((term) => term.frequency > 0)
  const content = known.filter((term) => !term.isFunctionWord)
  return (content.length > 0 ? content : known).toSorted((a, b) => a.frequency - b.frequency)
}

function wantedOf({ scope, excluded, limit }: Pick<CandidateQuery, 'scope' | 'excluded' | 'limit'>): Wanted {
  return {
    scope,
    excluded: excluded.length === 0 ? undefined : anyOf(excluded.map((words) => words.join(' '))),
    limit,
  }
}

/** How many passages FTS5 would rank. */
function visitedOf(found: readonly Term[], narrow: NarrowScope | undefined): number {
  const visited = found.reduce((sum, { frequency }) => sum + frequency, 0)
  return Math.min(visited, narrow?.passages ?? visited)
}

function matchOf(
  found: readonly Term[],
  narrow: NarrowScope | undefined,
  { phrases, excluded }: CandidateQuery,
): string {
  const all = [anyOf(found.map(({ token }) => token))]
  if (phrases.length > 0) all.push(allOf(phrases))
  if (narrow) all.push(`scope : ${anyOf(narrow.readingIds.map(readingToken))}`)
  const unwanted = excluded.length === 0 ? '' : ` NOT ${anyOf(excluded.map((words) => words.join(' ')))}`
  return `(${all.join(' AND ')})${unwanted}`
}

interface Range extends IdRange {
  /** Of all ids. */
  share: number
}

function rangeOf(reader: Reader, inside: Ids | undefined): Range {
  const last = reader.get<{ id: number }>('SELECT coalesce(max(id), 0) AS id FROM passages')!.id
  if (!inside) return { from: 0, to: last, share: 1 }
  const [from, to] = [inside[0] ?? 0, inside.at(-1) ?? 0]
  return { from, to, share: (to - from + 1) / Math.max(1, last) }
}

/** The last part of a range, so that it is no more than this share of all ids. */
function newestOf({ from, to, share }: Range, shareMax: number): Range {
  if (share <= shareMax) return { from, to, share }
  return { from: Math.ceil(to - ((to - from) * shareMax) / share), to, share: shareMax }
}

function chooseTokens(found: readonly Term[], budget: number, { share }: Range): Term[] {
  const tokens: Term[] = []
  let visited = 0
  for (const term of found) {
    visited += term.frequency * share
    if (visited > budget && tokens.length > 0) break
    tokens.push(term)
  }
  return tokens
}

function readHeaded(reader: Reader, { token, weight }: Term, range: IdRange): WeighedIds {
  return { ids: readIds(reader, `{heading title} : ${quoted(token)}`, range), weight: weight * HEADED_SHARE }
}

/** The passages in which all phrases stand; in the newest part of the range where even their rarest word is everywhere. */
function readPhrases(reader: Reader, { terms, phrases }: CandidateQuery, range: Range): Ids | undefined {
  if (phrases.length === 0) return undefined
  const words = new Set(phrases.flat())
  const rarest = Math.min(...terms.filter(({ token }) => words.has(token)).map(({ frequency }) => frequency))
  return readIds(reader, allOf(phrases), newestOf(range, PHRASES_VISITED_MAX / Math.max(1, rarest)))
}

/** Others may go first after each part: a scope may hold little of what was found, and then many are looked up. */
async function readBest(reader: Reader, ids: Ids, wanted: Wanted): Promise<Candidate[]> {
  const candidates: Candidate[] = []
  let size = ROWS_AT_ONCE
  for (let at = 0; at < ids.length && candidates.length < wanted.limit; at += size) {
    if (at > 0) {
      size = Math.min(ROWS_AT_ONCE_MAX, size * 2)
      await new Promise((resolve) => setImmediate(resolve))
    }
    const limit = wanted.limit - candidates.length
    candidates.push(...readWanted(reader, ids.subarray(at, at + size), { ...wanted, limit }))
  }
  return candidates
}

function allOf(phrases: readonly (readonly string[])[]): string {
  return phrases.map((words) => quoted(words.join(' '))).join(' AND ')
}

function anyOf(texts: readonly string[]): string {
  return `(${texts.map(quoted).join(' OR ')})`
}

/** Inside quotes everything is text to FTS5; a quote is doubled. */
function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}
