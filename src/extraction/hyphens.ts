/**
 * Words that were divided at a line end. Joining everywhere loses real compounds, joining nowhere loses the word, so: join,
 * unless the document writes it with a hyphen elsewhere, or knows both parts as words but not the whole.
 */
import type { PlacedWord } from './placed-text.ts'

/** Enough for a book; beyond, new words are not remembered. */
const WORDS_MAX = 100_000
/** Longer is no word. */
const WORD_LENGTH_MAX = 64
const HYPHENS = '-\u2010\u00ad'
const DIVIDED = new RegExp(`^(.*\\p{L})[${HYPHENS}]$`, 'u')
const CONTINUED = /^\p{Ll}/u
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu

export class Hyphenation {
  readonly #known = new Set<string>()

  /** Learns the words of a page, then joins what its line ends divide. The parts keep their places on the page. */
  join(words: readonly PlacedWord[]): PlacedWord[] {
    for (const [index, word] of words.entries()) {
      if (!isDivided(word, words[index + 1]) && !(index > 0 && isDivided(words[index - 1]!, word)))
        this.#learn(word.text)
    }
    return words.map((word, index) => {
      const joinsNext = this.#joins(word, words[index + 1])
      const joinsPrevious = index > 0 && isDivided(words[index - 1]!, word)
      const text = joinsNext ? word.text.slice(0, -1) : word.text
      return joinsNext || joinsPrevious ? { ...word, text, gap: joinsPrevious ? '' : word.gap } : word
    })
  }

  #joins(word: PlacedWord, next: PlacedWord | undefined): boolean {
    if (!isDivided(word, next)) return false
    const first = core(word.text)
    const second = core(next!.text)
    if (this.#known.has(`${first}-${second}`)) return false
    return this.#known.has(first + second) || !(this.#known.has(first) && this.#known.has(second))
  }

  #learn(text: string): void {
    if (this.#known.size < WORDS_MAX && text.length <= WORD_LENGTH_MAX) this.#known.add(core(text))
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
