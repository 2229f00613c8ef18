/** The text of a page in pieces that look different: quoted or not, read for certain or not. */
import type { Word } from './highlights.ts'

export interface TextPiece {
  text: string
  isQuoted: boolean
  isDoubtful: boolean
}

/** Per cent: below it, about every fourth word is wrong. */
const DOUBTFUL_BELOW = 60

export function piecesOf(
  text: string,
  mark: { start: number; end: number } | null,
  words: readonly Word[] | null,
): TextPiece[] {
  const doubtful = (words ?? []).filter(isDoubtful)
  const edges = new Set([0, text.length, ...doubtful.flatMap(({ start, end }) => [start, end])])
  if (mark !== null) edges.add(mark.start).add(mark.end)
  const sorted = [...edges].filter((edge) => edge >= 0 && edge <= text.length).sort((a, b) => a - b)
  let next = 0
  return sorted.slice(1).map((end, index) => {
    const start = sorted[index]!
    while (next < doubtful.length && doubtful[next]!.end <= start) next++
    const word = doubtful[next]
    return {
      text: text.slice(start, end),
      isQuoted: mark !== null && start >= mark.start && end <= mark.end,
      isDoubtful: word !== undefined && word.start <= start && end <= word.end,
    }
  })
}

export function isDoubtful({ confidence }: Word): boolean {
  return confidence !== null && confidence < DOUBTFUL_BELOW
}
