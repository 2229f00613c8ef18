/**
 * Lines that run downwards, as on a page that was turned clockwise, follow each other from right to left. PDFium puts whatever stands
 * in columns from left to right, which is right for lines that run upwards, and turns these around.
 */
import type { PlacedWord } from '../placed-text.ts'

interface Line {
  words: PlacedWord[]
  left: number
  right: number
  /** `either`: on its side, but of one word, which does not tell where it runs. */
  runs: 'down' | 'either' | 'otherwise'
}

/** In heights of a line: what stands further apart are paragraphs. */
const PARAGRAPH_GAP = 0.9

/** Words as PDFium orders them, with those of such lines in the order in which people read them. */
export function orderTurnedLines(words: readonly PlacedWord[]): PlacedWord[] {
  const lines = splitLines(words)
  const ordered: PlacedWord[] = []
  for (let index = 0; index < lines.length; ) {
    const run = runFrom(lines, index)
    if (run.length > 1 && run.some(({ runs }) => runs === 'down')) ordered.push(...turnAround(run))
    else ordered.push(...run.flatMap((line) => line.words))
    index += run.length
  }
  return ordered
}

function splitLines(words: readonly PlacedWord[]): Line[] {
  const lines: PlacedWord[][] = []
  for (const word of words) {
    if (lines.length === 0 || word.gap.startsWith('\n')) lines.push([])
    lines.at(-1)!.push(word)
  }
  return lines.map((line) => {
    const left = Math.min(...line.map(({ x }) => x))
    const right = Math.max(...line.map(({ x, width }) => x + width))
    return { words: line, left, right, runs: directionOf(line, right - left) }
  })
}

function directionOf(line: readonly PlacedWord[], width: number): Line['runs'] {
  const top = Math.min(...line.map(({ y }) => y))
  const bottom = Math.max(...line.map(({ y, height }) => y + height))
  if (bottom - top <= width) return 'otherwise'
  if (line.length === 1) return 'either'
  return line.at(-1)!.y > line[0]!.y ? 'down' : 'otherwise'
}

/** The line, and those that stand right of each other behind it. */
function runFrom(lines: readonly Line[], start: number): Line[] {
  let end = start + 1
  if (lines[start]!.runs === 'otherwise') return [lines[start]!]
  while (end < lines.length && lines[end]!.runs !== 'otherwise' && lines[end]!.left > lines[end - 1]!.left) end++
  return lines.slice(start, end)
}

function turnAround(run: readonly Line[]): PlacedWord[] {
  const before = run[0]!.words[0]!.gap
  return run.toReversed().flatMap((line, index, lines) => {
    const [first, ...rest] = line.words
    const gap = index === 0 ? before : gapBehind(lines[index - 1]!, line)
    return [{ ...first!, gap }, ...rest]
  })
}

function gapBehind(line: Line, next: Line): PlacedWord['gap'] {
  return line.left - next.right > PARAGRAPH_GAP * (line.right - line.left) ? '\n\n' : '\n'
}
