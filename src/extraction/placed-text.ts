/** Words with their place on the page, in reading order, to the text of the page: one way for text layers and recognition. */
import type { Word } from '../extraction.ts'

export interface PlacedWord {
  text: string
  /** What stands before it; at the first word nothing is written. */
  gap: '' | ' ' | '\n' | '\n\n'
  x: number
  y: number
  width: number
  height: number
  confidence: number | null
}

export function composeText(placed: readonly PlacedWord[]): { text: string; words: Word[] } {
  const parts: string[] = []
  const words: Word[] = []
  let length = 0
  for (const { text, gap, x, y, width, height, confidence } of placed) {
    if (words.length > 0) {
      parts.push(gap)
      length += gap.length
    }
    words.push({ start: length, end: length + text.length, ...rounded({ x, y, width, height, confidence }) })
    parts.push(text)
    length += text.length
  }
  return { text: parts.join(''), words }
}

/** Hundredths of a point or pixel are enough, and half as long on their way. */
function rounded<T extends Record<string, number | null>>(numbers: T): T {
  return Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, value === null ? null : Math.round(value * 100) / 100]),
  ) as T
}

export function meanConfidence(words: readonly { confidence: number | null }[]): number | null {
  const known = words.flatMap(({ confidence }) => (confidence === null ? [] : [confidence]))
  return known.length === 0 ? null : Math.round((known.reduce((sum, value) => sum + value, 0) / known.length) * 10) / 10
}
