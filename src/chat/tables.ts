/** Tables in a text: rows are lines, cells stand between strokes. What a cell is about stands at the head of its column and of its row. */
import type { Range } from './locate.ts'

export interface Cell {
  /** What belongs to it, and how much it says. */
  around: { range: Range; weight: number }[]
  /** Where the head of its column begins. */
  column: number
  /** Of a row or of a column. */
  isHead: boolean
}

const CELLS_MIN = 3
const HEAD_WEIGHT = 1
/** The other cells of the row. */
const ROW_WEIGHT = 0.2

export function cellAt(text: string, at: number): Cell | undefined {
  const lineStart = text.lastIndexOf('\n', at - 1) + 1
  const cells = cellsOf(text, lineStart)
  const own = cells?.findIndex(({ end }) => at <= end) ?? -1
  if (!cells || own < 0) return undefined
  const self = { range: cells[own]!, weight: HEAD_WEIGHT }
  const header = headerAbove(text, lineStart)
  if (!header) {
    const below = rowsBelow(text, lineStart).flatMap((row) => row[own] ?? [])
    if (below.length === 0) return undefined
    const around = [self, ...below.map((range) => ({ range, weight: HEAD_WEIGHT }))]
    return { around, column: cells[own]!.start, isHead: true }
  }
  const label = cells.find(({ start, end }) => text.slice(start, end).trim() !== '') ?? cells[0]!
  const isLabel = label === cells[own]
  const row = { start: lineStart, end: cells.at(-1)!.end }
  const head = header[own]
  return {
    around: [
      self,
      { range: row, weight: isLabel ? HEAD_WEIGHT : ROW_WEIGHT },
      { range: label, weight: HEAD_WEIGHT },
      ...(head ? [{ range: head, weight: HEAD_WEIGHT }] : []),
    ],
    column: head?.start ?? -1,
    isHead: isLabel,
  }
}

function headerAbove(text: string, lineStart: number): Range[] | undefined {
  let header: Range[] | undefined
  for (let start = lineStart; start > 0; ) {
    start = text.lastIndexOf('\n', start - 2) + 1
    const above = cellsOf(text, start)
    if (!above) break
    header = above
  }
  return header
}

function rowsBelow(text: string, lineStart: number): Range[][] {
  const rows: Range[][] = []
  for (let next = text.indexOf('\n', lineStart) + 1; next > 0; next = text.indexOf('\n', next) + 1) {
    const row = cellsOf(text, next)
    if (!row) break
    rows.push(row)
  }
  return rows
}

function cellsOf(text: string, lineStart: number): Range[] | undefined {
  const lineEnd = text.indexOf('\n', lineStart)
  const cells = text.slice(lineStart, lineEnd < 0 ? text.length : lineEnd).split('|')
  if (cells.length < CELLS_MIN) return undefined
  let start = lineStart
  return cells.map((cell) => {
    const range = { start, end: start + cell.length }
    start = range.end + 1
    return range
  })
}
