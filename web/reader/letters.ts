/**
 * Where a range of a text stands in pieces of the same text that were laid out anew: found by its letters, without white space. Where
 * both have the same letters, the place is counted; where one has more, as from an earlier reading, what is around the quote tells.
 */
import type { FormattedText, Range } from './formatted.ts'

export interface Letters {
  /** Whether the pieces have every letter of the text, and no other. */
  readonly isWhole: boolean
  find(mark: Range): ReadonlyMap<FormattedText, Range>
}

/** White space, and what only says where a word may be broken. */
const NO_LETTERS = /[\s\u00ad]+/g
/** Letters before and after by which one of several places is told. */
const AROUND_MAX = 400
/** Of what is quoted often, as a word. */
const PLACES_MAX = 1_000

/** `texts`: pieces in the order in which they are read. */
export function openLetters(texts: readonly FormattedText[], text: string): Letters {
  const shown = texts.map((node) => lettersOf(node.text))
  const all = shown.join('')
  const read = lettersOf(text)
  const isWhole = all === read
  return {
    isWhole,
    find(mark) {
      const [before, quote] = [lettersOf(text.slice(0, mark.start)), lettersOf(text.slice(mark.start, mark.end))]
      if (quote === '') return new Map()
      const at = isWhole ? before.length : likeliest(all, read, { at: before.length, quote })
      return at === undefined ? new Map() : rangesOf(texts, shown, { start: at, end: at + quote.length })
    },
  }
}

function lettersOf(text: string): string {
  return text.replace(NO_LETTERS, '')
}

/** The place of the quote whose surroundings are most like those in the text that was read; of equals, the first. */
function likeliest(all: string, read: string, { at, quote }: { at: number; quote: string }): number | undefined {
  let best: { place: number; alike: number } | undefined
  let place = all.indexOf(quote)
  for (let count = 0; place !== -1 && count < PLACES_MAX; count++) {
    const alike = alikeBefore(all, place, read, at) + alikeAfter(all, place + quote.length, read, at + quote.length)
    if (best === undefined || alike > best.alike) best = { place, alike }
    place = all.indexOf(quote, place + 1)
  }
  return best?.place
}

function alikeBefore(a: string, atA: number, b: string, atB: number): number {
  let count = 0
  while (count < AROUND_MAX && count < Math.min(atA, atB) && a[atA - count - 1] === b[atB - count - 1]) count++
  return count
}

function alikeAfter(a: string, atA: number, b: string, atB: number): number {
  let count = 0
  while (count < AROUND_MAX && atA + count < a.length && a[atA + count] === b[atB + count]) count++
  return count
}

/** From the first letter to the last, with the white space between them: also where a piece begins or ends with it. */
function rangesOf(texts: readonly FormattedText[], shown: readonly string[], { start, end }: Range) {
  const ranges = new Map<FormattedText, Range>()
  let at = 0
  for (const [index, node] of texts.entries()) {
    const { length } = shown[index]!
    const [from, to] = [Math.max(0, start - at), Math.min(length, end - at)]
    if (from < to || (length === 0 && start < at)) {
      const span = spanOf(node.text, from, to)
      ranges.set(node, {
        start: start < at ? 0 : span.start,
        end: end > at + length ? node.text.length : span.end,
      })
    }
    at += length
    if (at >= end) break
  }
  return ranges
}

function spanOf(text: string, from: number, to: number): Range {
  let [letters, start] = [0, 0]
  for (let index = 0; index < text.length; index++) {
    if (/[\s\u00ad]/.test(text[index]!)) continue
    if (letters === from) start = index
    if (++letters === to) return { start, end: index + 1 }
  }
  return { start, end: text.length }
}
