/** Where the tokens of a question stand in a text. */
import { areJoined, joinedWords, mayHaveParts, partsOf, signedWord } from './derived-words.ts'
import { HEADING_SEPARATOR } from './passages.ts'
import { type Range, splitSentences } from './sentences.ts'
import type { Term } from './weights.ts'
import { makeFilter, PREFIX_LENGTH, prefixLetters, splitWords, visitWords, type WordFilter } from './words.ts'

/** A place where a term stands. A word and its prefix match at the same place. */
export interface Match {
  term: number
  /** Number of the word in its text. */
  position: number
}

export interface MatchedText {
  text: string
  /** Where each word begins and ends, by position. */
  starts: number[]
  ends: number[]
  /** By position. */
  matches: Match[]
}

export interface MatchedSentence extends Range {
  index: number
  words: number
  matches: readonly Match[]
}

export interface MatchedPassage {
  body: MatchedText
  sentences: MatchedSentence[]
  heading: MatchedText
  /** The innermost heading alone. */
  lastHeading: MatchedText
  title: MatchedText
}

export class Matcher {
  readonly terms: readonly Term[]
  readonly #numbers: ReadonlyMap<string, number>
  /** By the letters alone. */
  readonly #prefixes: ReadonlyMap<string, number>
  /** Most words share neither length nor first letter with any of the question. */
  readonly #filter: WordFilter
  /** Titles and headings are shared by many passages. */
  readonly #known = new Map<string, MatchedText>()

  constructor(terms: readonly Term[]) {
    this.terms = terms
    this.#numbers = new Map(terms.map((term, index) => [term.token, index]))
    this.#prefixes = new Map(
      terms.flatMap((term, index) => (term.kind === 'prefix' ? [[term.token.slice(1), index] as const] : [])),
    )
    this.#filter = makeFilter(
      terms.map(({ kind, token }) => ({
        text: kind === 'prefix' ? token.slice(1) : token,
        isPrefix: kind === 'prefix',
      })),
    )
  }

  match(text: string): MatchedText {
    const starts: number[] = []
    const ends: number[] = []
    const matches: Match[] = []
    let joinedFrom = -1
    visitWords(text, this.#filter, (word, start, end) => {
      const position = starts.length
      if (position > 0 && areJoined(text, ends[position - 1]!, start)) {
        if (joinedFrom === -1) joinedFrom = position - 1
      } else if (joinedFrom !== -1) {
        this.#addJoined(matches, text.slice(starts[joinedFrom], ends[position - 1]), joinedFrom)
        joinedFrom = -1
      }
      starts.push(start)
      ends.push(end)
      if (word !== undefined) this.#add(matches, word, position)
      if (mayHaveParts(text, start, end)) {
        for (const part of partsOf(text.slice(start, end))) this.#add(matches, part, position)
      }
      if (end - start <= 2 && SIGNS.has(text[end]!)) {
        const signed = signedWord(text, { text: text.slice(start, end).toLowerCase(), start, end })
        if (signed !== undefined) this.#add(matches, signed, position)
      }
    })
    if (joinedFrom !== -1) this.#addJoined(matches, text.slice(starts[joinedFrom], ends.at(-1)), joinedFrom)
    return { text, starts, ends, matches: inOrder(matches) }
  }

  #add(matches: Match[], word: string, position: number): void {
    const term = this.#numbers.get(word)
    if (term !== undefined) matches.push({ term, position })
    const prefix = this.#prefixTerm(word)
    if (prefix !== undefined) matches.push({ term: prefix, position })
  }

  /** What is written with hyphens, at the position of its first word. */
  #addJoined(matches: Match[], raw: string, position: number): void {
    for (const joined of joinedWords(raw, splitWords(raw))) this.#add(matches, joined.text, position)
  }

  matchPassage(passage: { text: string; heading: string; title: string }): MatchedPassage {
    const body = this.match(passage.text)
    return {
      body,
      sentences: sentencesOf(body),
      heading: this.#matchShared(passage.heading),
      lastHeading: this.#matchShared(passage.heading.split(HEADING_SEPARATOR).at(-1)!),
      title: this.#matchShared(passage.title),
    }
  }

  #matchShared(text: string): MatchedText {
    const known = this.#known.get(text)
    if (known) return known
    const matched = this.match(text)
    this.#known.set(text, matched)
    return matched
  }

  #prefixTerm(word: string): number | undefined {
    if (word.length <= PREFIX_LENGTH || this.#prefixes.size === 0) return undefined
    const term = this.#prefixes.get(word.slice(0, PREFIX_LENGTH))
    // Rare enough to look closer: codes have no prefix, and a letter may be two units long.
    if (term === undefined && word.charCodeAt(0) < 0xd800) return undefined
    return this.#prefixes.get(prefixLetters(word) ?? '')
  }
}

const SIGNS = new Set('+#')

/** Joined words come after the words that they are made of. */
function inOrder(matches: Match[]): Match[] {
  for (let i = 1; i < matches.length; i++) {
    if (matches[i]!.position < matches[i - 1]!.position) return matches.sort((a, b) => a.position - b.position)
  }
  return matches
}

function sentencesOf({ text, starts, matches }: MatchedText): MatchedSentence[] {
  let word = 0
  let match = 0
  return splitSentences(text).map(({ start, end }, index) => {
    const firstWord = word
    while (word < starts.length && starts[word]! < end) word++
    const firstMatch = match
    while (match < matches.length && matches[match]!.position < word) match++
    return { index, start, end, words: word - firstWord, matches: matches.slice(firstMatch, match) }
  })
}

/** Sums of weights of the distinct terms that stand in some texts, each counted in the first text that has it. */
export class Cover {
  readonly #terms: readonly Term[]
  readonly #seen: Uint8Array

  constructor(terms: readonly Term[]) {
    this.#terms = terms
    this.#seen = new Uint8Array(terms.length)
  }

  reset(): this {
    this.#seen.fill(0)
    return this
  }

  /** Marks what stands there, and answers the weight of what was not marked before. */
  add(matches: readonly Match[]): number {
    let sum = 0
    for (const { term } of matches) {
      if (this.#seen[term] === 1) continue
      this.#seen[term] = 1
      sum += this.#terms[term]!.weight
    }
    return sum
  }
}
