/** Figures in a text, however they are written: 8,350 and 8.350 and 8 350; forty-two and 42; 2.3 million; 14:00. */
import type { Fact } from './facts.ts'

const FIGURE =
  /(?<![\p{L}\p{N}])(?:\d{1,2}:\d{2}|\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,'’]\d+)*)(?:\s*(thousand|million|billion|tausend|mio|mrd|millionen|milliarden)\b)?/giu
const SCALE: Readonly<Record<string, number>> = {
  ...{ thousand: 1e3, tausend: 1e3, million: 1e6, millionen: 1e6, mio: 1e6, billion: 1e9, milliarden: 1e9, mrd: 1e9 },
}

export function figuresOf(text: string): Fact[] {
  const figures = [...text.matchAll(FIGURE)].map(({ 0: found, 1: scale, index }): Fact => {
    const values = readFigure(found.replace(/\s*\p{L}+$/u, ''))
    const scaled = scale ? values.map((value) => String(Number(value) * SCALE[scale.toLowerCase()]!)) : []
    return { kind: 'figure', values: [...scaled, ...values], start: index, end: index + found.length }
  })
  return [...figures, ...wordFiguresOf(text)]
}

/** `1.500` may be fifteen hundred or one and a half: both count. */
function readFigure(figure: string): string[] {
  const [hours, minutes] = figure.split(':')
  if (minutes !== undefined) {
    const time = `${Number(hours)}:${minutes}`
    return minutes === '00' ? [time, String(Number(hours))] : [time]
  }
  const parts = figure.split(/[.,'’ \u00a0\u202f]/)
  const separators = new Set(figure.match(/[.,'’ \u00a0\u202f]/g) ?? [])
  if (parts.length === 1) return [String(Number(figure))]
  const isGrouped = parts.slice(1).every((part) => part.length === 3)
  const values: string[] = []
  if (isGrouped && separators.size === 1) values.push(String(Number(parts.join(''))))
  if (parts.length === 2 || separators.size === 2) {
    values.push(String(Number(`${parts.slice(0, -1).join('')}.${parts.at(-1)}`)))
  }
  // Dates (14.03.2024) and versions (2.4.1): their parts, and as they are.
  return values.length > 0 ? values : [figure, ...parts.map((part) => String(Number(part)))]
}

const UNITS =
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen'.split(
    ' ',
  )
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ')
const WORD_FIGURE = new RegExp(
  String.raw`\b(?:(${TENS.join('|')})(?:[- ](${UNITS.slice(1, 10).join('|')}))?|(${UNITS.slice(2).join('|')}))\b(?:\s+(hundred|thousand|million))?`,
  'giu',
)

/** "One" is seldom a figure, so it is none here. */
function wordFiguresOf(text: string): Fact[] {
  return [...text.matchAll(WORD_FIGURE)].map(({ 0: found, 1: tens, 2: unit, 3: small, 4: scale, index: start }) => {
    const index = (words: readonly string[], word: string | undefined) => words.indexOf((word ?? '').toLowerCase())
    const value = tens ? (index(TENS, tens) + 2) * 10 + Math.max(0, index(UNITS, unit)) : index(UNITS, small)
    const factor = scale ? { hundred: 100, thousand: 1e3, million: 1e6 }[scale.toLowerCase()]! : 1
    return { kind: 'figure', values: [String(value * factor)], start, end: start + found.length }
  })
}
