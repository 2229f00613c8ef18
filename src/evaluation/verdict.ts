/** Whether a question was answered as somebody expects it, and if not, why. Judged on words, so that no id and no way of cutting matters. */

export interface Expectation {
  question: string
  /** Name of the document that the answer is in. */
  document?: string | undefined
  /** What has to be quoted: words of the document, or the sentence around them. */
  passage?: string | undefined
  /** Each has to stand in the answer. */
  mustContain?: readonly string[] | undefined
  /** The documents do not answer it, and that has to be said. */
  mustRefuse?: boolean | undefined
}

export interface Outcome {
  /** Passages as search ranks them. */
  hits: readonly { name: string; text: string }[]
  quotes: readonly { name: string; text: string }[]
  answer: string
  notFound: boolean
}

export interface Verdict {
  isPassed: boolean
  /** In words; none where it passed. */
  reasons: string[]
  /** Of the first passage with what is expected, counted from 1; null where there is none, or none is expected. */
  rank: number | null
  /** The same among the quotes. */
  quoteRank: number | null
}

export function judge(expected: Expectation, { hits, quotes, answer, notFound }: Outcome): Verdict {
  const hasPlace = namesPlace(expected)
  const rank = hasPlace ? rankOf(hits, expected) : null
  const quoteRank = hasPlace ? rankOf(quotes, expected) : null
  const reasons = expected.mustRefuse
    ? notFound
      ? []
      : ['Expected to be told that the documents do not answer it, got an answer.']
    : [
        ...(notFound ? ['Expected an answer, got none.'] : []),
        ...(hasPlace && !notFound && quoteRank === null ? [notQuoted(expected, rank)] : []),
        ...missingWords(expected, answer).map((words) => `Expected “${words}” in the answer, which does not hold it.`),
      ]
  return { isPassed: reasons.length === 0, reasons, rank, quoteRank }
}

function notQuoted({ passage, document }: Expectation, rank: number | null): string {
  const what = passage === undefined ? `a quote from ${document}` : 'the expected passage to be quoted'
  if (rank === null) return `Expected ${what}; it is not among the passages that were found.`
  return `Expected ${what}; it was found at place ${rank}, and other passages were quoted.`
}

function missingWords({ mustContain = [] }: Expectation, answer: string): string[] {
  const folded = fold(answer.replace(/\[\d+\]/g, ''))
  return mustContain.filter((words) => !folded.includes(fold(words)))
}

/** Whether a passage or a quote is what is expected; any is, where nothing in particular is. */
export function holds(expected: Expectation, { name, text }: { name: string; text: string }): boolean {
  const { document } = expected
  return (document === undefined || name === document) && wordsOf(expected).every((words) => isSame(words, text))
}

function namesPlace(expected: Expectation): boolean {
  return expected.document !== undefined || wordsOf(expected).length > 0
}

function wordsOf({ passage, mustContain = [] }: Expectation): readonly string[] {
  return passage === undefined ? mustContain : [passage]
}

/** A quote may be shorter than what was expected, when it is more than a few words of it. */
const WORDS_MIN = 4

function isSame(expected: string, got: string): boolean {
  const [wanted, there] = [fold(expected), fold(got)]
  if (there.includes(wanted)) return true
  return wanted.includes(there) && (there.split(' ').length >= WORDS_MIN || there.length >= wanted.length / 2)
}

function rankOf(list: Outcome['hits'], expected: Expectation): number | null {
  const index = list.findIndex((one) => holds(expected, one))
  return index === -1 ? null : index + 1
}

/** Letters and digits alone, in one case: what a line break, a hyphen or a quotation mark does to words does not count. */
function fold(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, ' ')
    .trim()
}
