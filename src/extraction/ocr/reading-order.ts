/** Recognised words as placed words: lines as they stand, a blank line between paragraphs. */
import type { PlacedWord } from '../placed-text.ts'
import type { RecognisedWord } from './engine.ts'

/** A sign that stands alone and is not certain is a speck, a rule or the edge of a picture. */
const SIGN_CONFIDENCE_MIN = 60

export function placeWords(recognised: readonly RecognisedWord[]): PlacedWord[] {
  const words = recognised.filter((word) => /[\p{L}\p{N}]/u.test(word.text) || word.confidence >= SIGN_CONFIDENCE_MIN)
  return words.map(({ text, x, y, width, height, confidence }, index) => {
    const gap = gapBetween(words[index - 1], words[index]!)
    return { text, gap, x, y, width, height, confidence }
  })
}

function gapBetween(previous: RecognisedWord | undefined, word: RecognisedWord): PlacedWord['gap'] {
  if (!previous) return ''
  if (previous.block !== word.block || previous.paragraph !== word.paragraph) return '\n\n'
  return previous.line === word.line ? ' ' : '\n'
}
