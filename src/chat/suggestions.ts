/**
 * Questions to begin with and to go on with, from the documents and without a model: headings, and names that come up in the
 * text, as questions. Each has been asked before it is offered: what is not surely answered is left out.
 */
import type { Search } from '../search.ts'
import type { Reader } from '../storage.ts'
import type { MessageView } from './chats.ts'
import type { Citation } from './events.ts'
import { isQuestion, namesIn, questionAbout, subjectOf } from './question-forms.ts'
import type { Asker, Scope } from './scope.ts'

export interface Suggestion {
  question: string
  /** Where its answer was found. */
  documentId: string
  name: string
}

export interface SuggestionServices {
  reader: Reader
  search: Search
}

/** As many as people take in at a glance. */
const SUGGESTIONS_MAX = 3
/** Each costs a search. */
const TRIED_MAX = 6
/** Half means that something was found; what is offered should not disappoint. */
const CONFIDENCE_MIN = 0.75
const DOCUMENTS_MAX = 6
/** Of one document, from its beginning: how far headings and names are looked for. */
const PASSAGES_MAX = 60
/** Before and behind a cited passage. */
const NEIGHBOURS = 4

export interface Suggestions {
  /** To begin with: of the newest documents, each in turn. Made anew when the documents are not the same any more. */
  starters(asker: Asker): Promise<Suggestion[]>
  /** To go on with: what stands around the passages that were cited, then what to begin with. */
  followUps(asker: Asker, turn: AnsweredTurn): Promise<Suggestion[]>
}

export interface AnsweredTurn {
  answer: MessageView
  /** Questions of the chat. */
  asked: readonly string[]
  /** Where it looked. */
  scope: Scope
}

/** People whose starters are kept. */
const KEPT_MAX = 500

export function openSuggestions({ reader, search }: SuggestionServices): Suggestions {
  const kept = new Map<number, { of: string; suggestions: Promise<Suggestion[]> }>()
  const starters = (asker: Asker): Promise<Suggestion[]> => {
    const of = stateOf(reader, asker)
    const known = kept.get(asker.userId)
    if (known?.of === of) return known.suggestions
    const ofEach = newestDocuments(reader, asker).map(({ readingId }) => candidatesOf(passagesFrom(reader, readingId)))
    const scope = { collectionIds: asker.readableCollections }
    const suggestions = tried(search, scope, inTurn(ofEach), { asked: [], known: [] })
    kept.delete(asker.userId)
    kept.set(asker.userId, { of, suggestions })
    if (kept.size > KEPT_MAX) kept.delete(kept.keys().next().value!)
    suggestions.catch(() => kept.delete(asker.userId))
    return suggestions
  }
  return {
    starters,
    async followUps(asker, { answer, asked, scope }) {
      const known = answer.notFound ? [] : answer.citations.filter(isOfDocument)
      const ofEach = known.map((citation) => candidatesOf(passagesAround(reader, asker, citation)))
      const near = await tried(search, scope, inTurn(ofEach), { asked, known })
      if (near.length === SUGGESTIONS_MAX) return near
      const said = new Set([...asked, ...near.map(({ question }) => question)].map(foldQuestion))
      const others = (await starters(asker)).filter(({ question }) => !said.has(foldQuestion(question)))
      return [...near, ...others].slice(0, SUGGESTIONS_MAX)
    },
  }
}

/** Changes with the documents that the asker may read. */
function stateOf(reader: Reader, { readableCollections }: Asker): string {
  const collections = JSON.stringify(readableCollections)
  const { count, newest } = reader.get<{ count: number; newest: number | null }>(
    `SELECT count(*) AS count, max(reading_id) AS newest FROM documents
     WHERE collection_id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL AND reading_id IS NOT NULL`,
    collections,
  )!
  return `${collections} ${count} ${newest}`
}

interface Context {
  /** Questions of the chat: none of them again. */
  asked: readonly string[]
  /** Places that were cited: what leads there tells nothing new. */
  known: readonly { documentId: string; page: number; start: number }[]
}

async function tried(
  search: Search,
  scope: Scope,
  questions: readonly string[],
  { asked, known }: Context,
): Promise<Suggestion[]> {
  const seen = new Set(asked.map(foldQuestion))
  const suggestions: Suggestion[] = []
  let count = 0
  for (const question of questions) {
    const folded = foldQuestion(question)
    if (seen.has(folded)) continue
    seen.add(folded)
    if (suggestions.length === SUGGESTIONS_MAX || ++count > TRIED_MAX) break
    const text = subjectOf(question) ?? question // As it will be searched for when it is asked.
    const result = await search.find({ text, ...scope, limit: 3 })
    const { quotes, confidence, notFound } = search.quote(text, result)
    const best = quotes[0]
    if (!best || notFound || confidence < CONFIDENCE_MIN || result.didYouMean !== null) continue
    const { documentId, name, page } = best.hit
    const place = `${documentId}/${page}/${best.start}`
    const isKnown = known.some((citation) => place === `${citation.documentId}/${citation.page}/${citation.start}`)
    if (isKnown || seen.has(place)) continue
    seen.add(place)
    suggestions.push({ question, documentId, name })
  }
  return suggestions
}

function foldQuestion(question: string): string {
  return question
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

interface PassageText {
  text: string
  /** The path of headings above it. */
  heading: string
}

const HEADING_LENGTH_MAX = 90
const WORD = /[\p{L}\p{M}]{2,}/gu

/** Headings that are questions, then those of several words, then names by how often they come up, then the other headings. */
function candidatesOf(passages: readonly PassageText[]): string[] {
  const headings = headingsOf(passages).filter(isSubject)
  const text = passages.map((passage) => passage.text).join('\n')
  const about = (subject: string) => questionAbout(subject, text)
  const asked = headings.filter(isQuestion)
  const others = headings.filter((heading) => !isQuestion(heading))
  const long = others.filter((heading) => (heading.match(WORD)?.length ?? 0) > 1)
  const short = others.filter((heading) => !long.includes(heading))
  return [...asked, ...[...long, ...namesIn(text), ...short].map(about)]
}

/** The last of each path, in order; one with others below it is the title of them all, and nothing to ask. */
function headingsOf(passages: readonly PassageText[]): string[] {
  const paths = passages.map(({ heading }) => heading.split(' > ').map((part) => part.trim()))
  const above = new Set(paths.flatMap((path) => path.slice(0, -1)))
  return [...new Set(paths.map((path) => path.at(-1)!))].filter((heading) => !above.has(heading))
}

/** Neither the header of a table nor the lead-in of a list, which stand at the end of the path as well. */
function isSubject(heading: string): boolean {
  return heading.length <= HEADING_LENGTH_MAX && !/[|:：]/.test(heading) && /[\p{L}\p{M}]{2,}/u.test(heading)
}

/** The first of each, then the second of each. */
function inTurn(lists: readonly (readonly string[])[]): string[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length))
  return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1))).flat()
}

function newestDocuments(reader: Reader, { readableCollections }: Asker): { readingId: number }[] {
  return reader.all(
    `SELECT reading_id AS readingId FROM documents
     WHERE collection_id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL AND reading_id IS NOT NULL
     ORDER BY id DESC LIMIT ?`,
    ...[JSON.stringify(readableCollections), DOCUMENTS_MAX],
  )
}

function passagesFrom(reader: Reader, readingId: number): PassageText[] {
  return reader.all(
    'SELECT text, heading FROM passages WHERE reading_id = ? ORDER BY page, ordinal LIMIT ?',
    ...[readingId, PASSAGES_MAX],
  )
}

/** Of the document as it is now, those behind the place first. Nothing where it is gone, or not the asker's any more. */
function passagesAround(
  reader: Reader,
  { readableCollections }: Asker,
  { documentId, page }: { documentId: string; page: number },
): PassageText[] {
  const document = reader.get<{ readingId: number }>(
    `SELECT reading_id AS readingId FROM documents WHERE public_id = ? AND deleted_at IS NULL AND reading_id IS NOT NULL
     AND collection_id IN (SELECT value FROM json_each(?))`,
    ...[documentId, JSON.stringify(readableCollections)],
  )
  if (!document) return []
  const { readingId } = document
  const behind = reader.all<PassageText>(
    'SELECT text, heading FROM passages WHERE reading_id = ? AND page >= ? ORDER BY page, ordinal LIMIT ?',
    ...[readingId, page, 2 * NEIGHBOURS],
  )
  const before = reader.all<PassageText>(
    'SELECT text, heading FROM passages WHERE reading_id = ? AND page < ? ORDER BY page DESC, ordinal DESC LIMIT ?',
    ...[readingId, page, NEIGHBOURS],
  )
  return [...behind, ...before]
}

/** A result from the web has nothing around it that could be asked. */
function isOfDocument(citation: Citation): citation is Citation & { documentId: string; page: number } {
  return citation.documentId !== null && citation.page !== null
}
