/** Tesseract's TSV: level, page, block, paragraph, line, word, left, top, width, height, confidence, text. */
import type { RecognisedWord } from './engine.ts'

const WORD_LEVEL = '5'

export function readTsv(tsv: string): RecognisedWord[] {
  const words: RecognisedWord[] = []
  for (const row of tsv.split('\n')) {
    const [level, , block, paragraph, line, , x, y, width, height, confidence, ...rest] = row.split('\t')
    const text = rest.join('\t').trim()
    if (level !== WORD_LEVEL || text === '') continue
    words.push({
      text: text.toWellFormed(),
      x: Number(x),
      y: Number(y),
      width: Number(width),
      height: Number(height),
      confidence: Number(confidence),
      block: Number(block),
      paragraph: Number(paragraph),
      line: Number(line),
    })
  }
  return words
}
