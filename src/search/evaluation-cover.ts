/** Which part of its document a returned text covers, and whether that is the answer. */
import type { EvaluationDocument, EvaluationQuestion } from './evaluation.ts'
import { isHanOrKana } from './words.ts'

interface Token {
  text: string
  start: number
  end: number
}

interface Tokenised {
  tokens: Token[]
  /** Where each run of four tokens begins. */
  grams: Map<string, number[]>
}

const GRAM = 4
/** Answers longer than this, in characters, need only half of their tokens. */
const LONG_ANSWER = 100
const SECTION_TOKENS_MIN = 3
const TOKEN = /[\p{L}\p{M}]+|\p{N}+/gu
/** Scripts without spaces between words: one letter is one token. */
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]/

export class CoverJudge {
  readonly #documents: ReadonlyMap<string, EvaluationDocument>
  readonly #tokenised = new Map<string, Tokenised>()

  constructor(documents: readonly EvaluationDocument[]) {
    this.#documents = new Map(documents.map((document) => [document.id, document]))
  }

  /** The text is taken to be of the question's document. */
  isHit(question: EvaluationQuestion, text: string): boolean {
    const document = this.#documents.get(question.docId ?? '')
    if (!document) return false
    const { tokens, grams } = this.#tokenise(document)
    const covered = coverOf(tokenise(text), tokens, grams)
    if (question.mode === 'section' && question.passage) return isSectionHit(question.passage, tokens, covered)
    return question.answers.some(({ text: answer, start }) => {
      const wanted = indexesIn(tokens, start, start + answer.length)
      const found = wanted.filter((index) => covered.has(index)).length
      return wanted.length > 0 && found >= (answer.length > LONG_ANSWER ? wanted.length / 2 : wanted.length)
    })
  }

  #tokenise({ id, text }: EvaluationDocument): Tokenised {
    const known = this.#tokenised.get(id)
    if (known) return known
    const tokens = tokenise(text)
    const grams = new Map<string, number[]>()
    for (let i = 0; i + GRAM <= tokens.length; i++) {
      const gram = gramAt(tokens, i)
      const places = grams.get(gram)
      if (places) places.push(i)
      else grams.set(gram, [i])
    }
    const tokenised = { tokens, grams }
    this.#tokenised.set(id, tokenised)
    return tokenised
  }
}

function isSectionHit(
  [start, end]: readonly [number, number],
  tokens: readonly Token[],
  covered: Set<number>,
): boolean {
  const section = indexesIn(tokens, start, end)
  const inside = section.filter((index) => covered.has(index)).length
  return inside >= SECTION_TOKENS_MIN && (inside >= covered.size / 2 || inside >= section.length / 2)
}

function coverOf(
  text: readonly Token[],
  document: readonly Token[],
  grams: ReadonlyMap<string, number[]>,
): Set<number> {
  const covered = new Set<number>()
  if (text.length < GRAM) return coverOfShort(text, document)
  let before: readonly number[] = []
  for (let i = 0; i + GRAM <= text.length; i++) {
    const places = grams.get(gramAt(text, i)) ?? []
    const following = places.filter((place) => before.includes(place - 1))
    const taken = following.length > 0 ? following : places
    for (const place of taken) for (let k = 0; k < GRAM; k++) covered.add(place + k)
    before = taken
  }
  return covered
}

function coverOfShort(text: readonly Token[], document: readonly Token[]): Set<number> {
  const covered = new Set<number>()
  if (text.length === 0) return covered
  for (let i = 0; i + text.length <= document.length; i++) {
    if (!text.every((token, k) => document[i + k]!.text === token.text)) continue
    for (let k = 0; k < text.length; k++) covered.add(i + k)
  }
  return covered
}

function gramAt(tokens: readonly Token[], at: number): string {
  return `${tokens[at]!.text} ${tokens[at + 1]!.text} ${tokens[at + 2]!.text} ${tokens[at + 3]!.text}`
}

function indexesIn(tokens: readonly Token[], start: number, end: number): number[] {
  const indexes: number[] = []
  for (const [index, token] of tokens.entries()) if (token.start < end && token.end > start) indexes.push(index)
  return indexes
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = []
  const push = (word: string, start: number) => {
    tokens.push({ text: word.normalize('NFKC').toLowerCase(), start, end: start + word.length })
  }
  for (const { 0: run, index } of text.matchAll(TOKEN)) {
    let at = 0
    let wordStart = 0
    for (const letter of run) {
      if (isHanOrKana(letter.codePointAt(0)!) || UNSPACED.test(letter)) {
        if (at > wordStart) push(run.slice(wordStart, at), index + wordStart)
        push(letter, index + at)
        wordStart = at + letter.length
      }
      at += letter.length
    }
    if (run.length > wordStart) push(run.slice(wordStart), index + wordStart)
  }
  return tokens
}
