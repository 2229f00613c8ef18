/** Recognised words as placed words: lines as they stand, a blank line between paragraphs. */
import type { PlacedWord } from '../placed-text.ts'
import type { RecognisedWord } from './engine.ts'

/** A sign that stands alone and is not certain is a speck, a rule or the edge of a picture. */
const SIGN_CONFIDENCE_MIN = 60
/**
 * On a page a little askew Tesseract begins a block in the middle of a paragraph. A line at the left edge of the one before
 * belongs to it when it is no further away, in heights of a line, than lines of one paragraph are on this page.
 */
const SAME_PARAGRAPH = { moreThanUsual: 0.35, shift: 1 }
/** Between lines of one paragraph where the page has no two of them, in heights of a line: what single spacing leaves. */
const USUAL_DISTANCE = 0.3

export function placeWords(recognised: readonly RecognisedWord[]): PlacedWord[] {
  const words = recognised.filter((word) => /[\p{L}\p{N}]/u.test(word.text) || word.confidence >= SIGN_CONFIDENCE_MIN)
  const lines = linesOf(words)
  const usual = usualDistance(lines)
  return lines.flatMap((line, number) => {
    const before = lines[number - 1]
    return line.map(({ text, x, y, width, height, confidence }, index) => {
      const gap = index > 0 ? ' ' : before ? gapBetween(before, line, usual) : ''
      return { text, gap, x, y, width, height, confidence } as const
    })
  })
}

type Line = readonly RecognisedWord[]

function linesOf(words: readonly RecognisedWord[]): Line[] {
  const lines: RecognisedWord[][] = []
  for (const word of words) {
    const line = lines.at(-1)
    const [first] = line ?? []
    const isSame = first?.block === word.block && first.paragraph === word.paragraph && first.line === word.line
    if (line && isSame) line.push(word)
    else lines.push([word])
  }
  return lines
}

function gapBetween(before: Line, line: Line, usual: number): PlacedWord['gap'] {
  if (areOfOneParagraph(before, line)) return '\n'
  const isClose = Math.abs(distance(before, line)) < usual + SAME_PARAGRAPH.moreThanUsual
  const isAligned = Math.abs(line[0]!.x - before[0]!.x) < SAME_PARAGRAPH.shift * heightOf(line)
  return isClose && isAligned ? '\n' : '\n\n'
}

/** The median distance between lines that recognition put into one paragraph. */
function usualDistance(lines: readonly Line[]): number {
  const distances = lines.flatMap((line, number) => {
    const before = lines[number - 1]
    return before && areOfOneParagraph(before, line) ? [distance(before, line)] : []
  })
  return distances.sort((a, b) => a - b)[distances.length >> 1] ?? USUAL_DISTANCE
}

function areOfOneParagraph([above]: Line, [first]: Line): boolean {
  return above!.block === first!.block && above!.paragraph === first!.paragraph
}

/** In heights of a line, at the left edge alone: on a page that is askew the right ends of two lines overlap. */
function distance(before: Line, line: Line): number {
  const [above, first] = [before[0]!, line[0]!]
  return (first.y - (above.y + above.height)) / Math.max(heightOf(before), heightOf(line))
}

function heightOf(line: Line): number {
  return Math.max(...line.map(({ height }) => height))
}
