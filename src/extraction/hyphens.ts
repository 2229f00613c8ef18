/**
 * Words that were divided at a line end. Joining everywhere loses real compounds, joining nowhere loses the word, so: join,
 * unless the document writes it with a hyphen elsewhere, or knows both parts as words but not the whole.
 */
import { composeText, type PlacedWord } from './placed-text.ts'

/** Enough for a book, and less than 1 MB on its way to a reader; beyond, new words are not remembered. */
const WORDS_MAX = 50_000
/** Longer is no word. */
const WORD_LENGTH_MAX = 64
const HYPHENS = '-\u2010\u00ad'
const DIVIDED = new RegExp(`^(.*\\p{L})[${HYPHENS}]$`, 'u')
const CONTINUED = /^\p{Ll}/u
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu

/** The words of the texts of pages, in their order: what a reader has to know that begins behind them. */
export function knownWords(texts: Iterable<string>): string[] {
  const known = new Set<string>()
  for (const text of texts) learn(known, text)
  return [...known]
}

export class Hyphenation {
  /** Of the texts that came before, as they were given, so that who begins here with those alone knows the same. */
  readonly #known: Set<string>

  /** `known`: the words of all pages before the first. */
  constructor(known: readonly string[] = []) {
    this.#known = new Set(known)
  }

  /** Joins what line ends divide, by the words of this page and of those before. The parts keep their places on the page. */
  join(words: readonly PlacedWord[]): PlacedWord[] {
    const ofPage = new Set<string>()
    for (const [index, word] of words.entries()) {
      if (!isDivided(word, words[index + 1]) && !(index > 0 && isDivided(words[index - 1]!, word)))
        learn(ofPage, word.text)
    }
    const isKnown = (word: string) => ofPage.has(word) || this.#known.has(word)
    const joined = words.map((word, index) => {
      const joinsNext = joins(word, words[index + 1], isKnown)
      const joinsPrevious = index > 0 && isDivided(words[index - 1]!, word)
      const text = joinsNext ? word.text.slice(0, -1) : word.text
      return joinsNext || joinsPrevious ? { ...word, text, gap: joinsPrevious ? '' : word.gap } : word
    })
    learn(this.#known, composeText(joined).text)
    return joined
  }
}

function joins(word: PlacedWord, next: PlacedWord | undefined, isKnown: (word: string) => boolean): boolean {
  if (!isDivided(word, next)) return false
  const first = core(word.text)
  const second = core(next!.text)
  if (isKnown(`${first}-${second}`)) return false
  return isKnown(first + second) || !(isKnown(first) && isKnown(second))
}

function learn(known: Set<string>, text: string): void {
  for (const word of text.split(/\s+/)) {
    if (known.size < WORDS_MAX && word !== '' && word.length <= WORD_LENGTH_MAX) known.add(core(word))
  }
}

function isDivided(word: PlacedWord, next: PlacedWord | undefined): boolean {
  if (next === undefined || word.text.length > WORD_LENGTH_MAX) return false
  return next.gap === '\n' && DIVIDED.test(word.text) && CONTINUED.test(next.text)
}

function core(text: string): string {
  return text
    .replace(EDGES, '')
    .toLowerCase()
    .replace(/[\u2010\u00ad]/g, '-')
}
