/** Whether text looks like language. A trigger for a second look by recognition, not a verdict (`decision.ts`). */

export interface TextFacts {
  /** Without spaces. */
  characters: number
  /** Letters and digits over `characters`. */
  letters: number
  /** Share of tokens that are numbers, or letters only with a vowel and no run of 6 consonants. */
  wordLike: number
  wordLikeTokens: number
  /** Whether most letters are Latin: the two shares mean something for these only. */
  latin: boolean
  /** Share of U+FFFD, private use and control characters. */
  odd: number
}

const VOWEL =
  /[aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿāăąēĕėęěĩīĭįıōŏőœũūŭůűųơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/iu
const CONSONANT_RUN = /[bcdfghjklmnpqrstvwxzßçñčćđďłľńňřśšťžźż]{6}/iu
const NUMBER = /^[\p{N}.,:;%€$£/+\-–−'’()]*\p{N}[\p{N}.,:;%€$£/+\-–−'’()]*$/u
const LETTERS_ONLY = /^[\p{L}\p{M}'’\-‐]+$/u
/** Longer is no word, and no expression should look for one in it. */
const WORD_LENGTH_MAX = 64
const EDGES = /^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu
const ODD = /[\ufffd\p{Co}\p{Cn}]|(?!\s)\p{Cc}/gu

export function measureText(text: string): TextFacts {
  const characters = count(text, /\S/gu)
  const letterCount = count(text, /\p{L}/gu)
  const tokens = text.split(/\s+/).filter((token) => token !== '')
  const wordLikeTokens = tokens.filter(isWordLike).length
  return {
    characters,
    letters: share(letterCount + count(text, /\p{N}/gu), characters),
    wordLike: share(wordLikeTokens, tokens.length),
    wordLikeTokens,
    latin: count(text, /\p{Script=Latin}/gu) * 2 >= letterCount,
    odd: share(count(text, ODD), characters),
  }
}

export function isPlausible(facts: TextFacts): boolean {
  if (facts.odd > 0.05) return false
  // Short texts, as page numbers and headings, say nothing by their shares.
  return !facts.latin || facts.characters < 20 || (facts.wordLike >= 0.7 && facts.letters >= 0.8)
}

function isWordLike(token: string): boolean {
  if (token.length > WORD_LENGTH_MAX) return false
  if (NUMBER.test(token)) return true
  const word = token.replace(EDGES, '')
  return word.length > 0 && LETTERS_ONLY.test(word) && VOWEL.test(word) && !CONSONANT_RUN.test(word)
}

/** The layer stands when half of what recognition read is in it; else the one with more of a language in it wins. */
export function prefersLayer(layer: string, recognised: string): boolean {
  const inLayer = new Set(wordsOf(layer))
  const read = wordsOf(recognised)
  const shared = read.filter((word) => inLayer.has(word)).length
  if (read.length > 0 && shared * 2 >= read.length) return true
  return measureText(layer).wordLikeTokens > measureText(recognised).wordLikeTokens
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
