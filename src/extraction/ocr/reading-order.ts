/** Recognised words as placed words: lines as they stand, a blank line between paragraphs. */
import type { PlacedWord } from '../placed-text.ts'
import type { RecognisedWord } from './engine.ts'

export function placeWords(words: readonly RecognisedWord[]): PlacedWord[] {
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
