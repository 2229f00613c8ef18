/** Where quoted words stand on a page: the boxes of words, joined to one for each line. All in the page's own units. */
import type { PageAnswer } from '../wire.ts'

export type Word = NonNullable<PageAnswer['words']>[number]
export type Box = Pick<Word, 'x' | 'y' | 'width' | 'height'>

/** Part of the lower of two boxes by which they must overlap to stand in one line. */
const OVERLAP_MIN = 0.5
/** In heights of the line: more than that lies between columns, not between words. */
const GAP_MAX = 1.5
/** Of what most words are high: a line that leans more is marked in steps, so that the lines beside it stay free. */
const LEAN_MAX = 1.25
/** In heights of the line: boxes end where the ink ends, and a marker is a little broader. */
const MARGIN = 0.15

/** Boxes over the words that have a part in [start, end), one for each line of a column as a rule. */
export function boxesOf(words: readonly Word[], { start, end }: { start: number; end: number }): Box[] {
  const quoted = words.filter((word) => word.end > start && word.start < end)
  const isTurned = runsDown(words)
  const upright = quoted.map((word) => turned(word, isTurned))
  const heightMax = LEAN_MAX * usualHeight(upright)
  const lines: Box[] = []
  for (const word of upright) {
    const line = lines.at(-1)
    const longer = line && union(line, word)
    if (longer && isOneLine(line, word) && longer.height <= heightMax) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.map((line) => turned(widened(line, MARGIN * line.height), isTurned))
}

/** Of words with letters above and below the line. */
function usualHeight(words: readonly Box[]): number {
  const heights = words.map(({ height }) => height).sort((a, b) => a - b)
  return heights[Math.floor(0.9 * heights.length)] ?? 0
}

/** Around all of them; undefined where there is none. */
export function around(boxes: readonly Box[]): Box | undefined {
  return boxes.length === 0 ? undefined : boxes.reduce(union)
}

/** Whether the lines of the page run from top to bottom or back, as on a page that lies on its side. Short words may be as high as wide. */
function runsDown(words: readonly Word[]): boolean {
  let balance = 0
  for (const { start, end, width, height } of words) {
    if (end - start >= 3) balance += Math.sign(height - width)
  }
  return balance > 0
}

function turned({ x, y, width, height }: Box, isTurned: boolean): Box {
  return isTurned ? { x: y, y: x, width: height, height: width } : { x, y, width, height }
}

function isOneLine(a: Box, b: Box): boolean {
  const overlap = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y)
  const gap = Math.max(a.x, b.x) - Math.min(a.x + a.width, b.x + b.width)
  return overlap >= OVERLAP_MIN * Math.min(a.height, b.height) && gap <= GAP_MAX * Math.max(a.height, b.height)
}

function union(a: Box, b: Box): Box {
  const [x, y] = [Math.min(a.x, b.x), Math.min(a.y, b.y)]
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  }
}

function widened({ x, y, width, height }: Box, by: number): Box {
  return { x: x - by, y: y - by, width: width + 2 * by, height: height + 2 * by }
}
