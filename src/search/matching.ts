/** Where the tokens of a question stand in a text. */
import { HEADING_SEPARATOR } from './passages.ts'
import { type Range, splitSentences } from './sentences.ts'
import type { Term } from './weights.ts'
import { joinedWords, PREFIX_LENGTH, prefixLetters, splitWords, type Word } from './words.ts'

/** A place where a term stands. A word and its prefix match at the same place. */
export interface Match {
  term: number
  /** Number of the word in its text. */
  position: number
}

export interface MatchedText {
  text: string
  words: Word[]
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
  /** By the letters alone: most words share none with the question. */
  readonly #prefixes: ReadonlyMap<string, number>
  /** Titles and headings are shared by many passages. */
  readonly #known = new Map<string, MatchedText>()

  constructor(terms: readonly Term[]) {
    this.terms = terms
    this.#numbers = new Map(terms.map((term, index) => [term.token, index]))
    this.#prefixes = new Map(
      terms.flatMap((term, index) => (term.kind === 'prefix' ? [[term.token.slice(1), index] as const] : [])),
    )
  }

  match(text: string): MatchedText {
    const words = splitWords(text)
    const matches: Match[] = []
    for (let position = 0; position < words.length; position++) {
      const word = words[position]!.text
      const term = this.#numbers.get(word)
      if (term !== undefined) matches.push({ term, position })
      const prefix = this.#prefixTerm(word)
      if (prefix !== undefined) matches.push({ term: prefix, position })
    }
    return { text, words, matches: this.#withJoined(text, words, matches) }
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

  #withJoined(text: string, words: readonly Word[], matches: Match[]): Match[] {
    if (!/[-\u2010\u2011]/.test(text)) return matches
    const before = matches.length
    for (const joined of joinedWords(text, words)) {
      const term = this.#numbers.get(joined.text)
      if (term !== undefined) matches.push({ term, position: words.findIndex((word) => word.start === joined.start) })
    }
    return matches.length === before ? matches : matches.sort((a, b) => a.position - b.position)
  }
}

function sentencesOf({ text, words, matches }: MatchedText): MatchedSentence[] {
  let word = 0
  let match = 0
  return splitSentences(text).map(({ start, end }, index) => {
    const firstWord = word
    while (word < words.length && words[word]!.start < end) word++
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
