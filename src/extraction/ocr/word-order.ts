/**
 * Reading order from boxes alone: a region is cut at a gutter between columns of prose, left before right; where something
 * spans the columns, at the first white row that leaves a region with such a gutter. A table has no gutters: a row is a line.
 */
import type { RecognisedWord } from './engine.ts'

/** Heights of a word. */
const GUTTER_MIN = 0.8
const PARAGRAPH_GAP = 0.9
/** Words in a line: fewer is a column of a table. */
const PROSE_WORDS_MIN = 3.5
const DEPTH_MAX = 12

/** `slant`: how far left an upright line runs for each row down. */
export function orderWords(words: readonly RecognisedWord[], slant = 0): RecognisedWord[] {
  if (words.length === 0) return []
  const unit = medianOf(words.map((word) => word.height))
  const upright = words.map((word) => ({ ...word, x: word.x + slant * word.y }))
  return regionsOf(upright, unit, 0)
    .flatMap((region, block) => composeRegion(region, unit, block))
    .map((word) => ({ ...word, x: word.x - slant * word.y }))
}

function regionsOf(words: readonly RecognisedWord[], unit: number, depth: number): (readonly RecognisedWord[])[] {
  if (depth >= DEPTH_MAX) return [words]
  const columns = cutAtGutter(words, unit)
  if (columns) return columns.flatMap((column) => regionsOf(column, unit, depth + 1))
  for (const y of whiteRows(words)) {
    const above = words.filter((word) => middle(word) < y)
    const below = words.filter((word) => middle(word) >= y)
    if (cutAtGutter(above, unit) || cutAtGutter(below, unit)) {
      return [above, below].flatMap((part) => regionsOf(part, unit, depth + 1))
    }
  }
  return [words]
}

/** The widest gap that no word crosses and that has prose on both sides. */
function cutAtGutter(words: readonly RecognisedWord[], unit: number): [RecognisedWord[], RecognisedWord[]] | undefined {
  const sorted = words.toSorted((a, b) => a.x - b.x)
  const gaps: { width: number; index: number }[] = []
  let right = sorted[0] ? sorted[0].x + sorted[0].width : 0
  for (const [index, word] of sorted.entries()) {
    if (word.x - right >= GUTTER_MIN * unit) gaps.push({ width: word.x - right, index })
    right = Math.max(right, word.x + word.width)
  }
  for (const { index } of gaps.toSorted((a, b) => b.width - a.width)) {
    const sides: [RecognisedWord[], RecognisedWord[]] = [sorted.slice(0, index), sorted.slice(index)]
    if (sides.every((side) => side.length / linesOf(side).length >= PROSE_WORDS_MIN)) return sides
  }
  return undefined
}

/** Middles of the rows between words that no word crosses, from the top. */
function whiteRows(words: readonly RecognisedWord[]): number[] {
  const sorted = words.toSorted((a, b) => a.y - b.y)
  const rows: number[] = []
  let bottom = sorted[0] ? sorted[0].y + sorted[0].height : 0
  for (const word of sorted) {
    if (word.y > bottom) rows.push((word.y + bottom) / 2)
    bottom = Math.max(bottom, word.y + word.height)
  }
  return rows
}

function composeRegion(words: readonly RecognisedWord[], unit: number, block: number): RecognisedWord[] {
  let paragraph = 0
  let bottom: number | undefined
  return linesOf(words).flatMap((line, number) => {
    const top = Math.min(...line.map((word) => word.y))
    if (bottom !== undefined && top - bottom > PARAGRAPH_GAP * unit) paragraph++
    bottom = Math.max(...line.map((word) => word.y + word.height))
    return line.toSorted((a, b) => a.x - b.x).map((word) => ({ ...word, block, paragraph, line: number }))
  })
}

/** Words whose middles lie within the height of the line before them belong to it. */
function linesOf(words: readonly RecognisedWord[]): RecognisedWord[][] {
  const lines: RecognisedWord[][] = []
  let middleSum = 0
  for (const word of words.toSorted((a, b) => middle(a) - middle(b))) {
    const line = lines.at(-1)
    if (line && middle(word) - middleSum / line.length < Math.max(word.height, line[0]!.height) / 2) {
      line.push(word)
      middleSum += middle(word)
    } else {
      lines.push([word])
      middleSum = middle(word)
    }
  }
  return lines
}

function middle(word: RecognisedWord): number {
  return word.y + word.height / 2
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
}
