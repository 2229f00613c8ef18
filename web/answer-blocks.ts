/**
 * The text of an answer as blocks to draw. Sources are marked `[n]` in it. A block that is a quote word for word, as they
 * are when the answer is made of quotes, becomes the card of that quote; markers elsewhere become buttons.
 */
import type { Citation } from './wire.ts'

export type Piece = { type: 'words'; text: string } | { type: 'marker'; citation: Citation }

export type Block = { type: 'quote'; citation: Citation } | { type: 'paragraph'; text: string }

export function blocksOf(text: string, citations: readonly Citation[]): Block[] {
  return text
    .split(/\n{2,}/)
    .filter((block) => block.trim() !== '')
    .map((block) => quoteBlock(block, citations) ?? { type: 'paragraph', text: block })
}

/** Citations that no block shows as a card: they follow the answer. */
export function citationsBeside(blocks: readonly Block[], citations: readonly Citation[]): Citation[] {
  const shown = new Set(blocks.map((block) => (block.type === 'quote' ? block.citation : undefined)))
  return citations.filter((citation) => !shown.has(citation))
}

function quoteBlock(block: string, citations: readonly Citation[]): Block | undefined {
  const [, words, n] = /^([\s\S]+?)\s*\[(\d+)\]\s*$/.exec(block) ?? []
  if (words === undefined) return undefined
  const quoted = plain(words)
  const citation = citations.find((one) => one.n === Number(n) && plain(one.quote) === quoted)
  return citation && { type: 'quote', citation }
}

export function piecesOf(block: string, citations: readonly Citation[]): Piece[] {
  const pieces: Piece[] = []
  // A split by a group keeps the group: words and numbers take turns.
  block.split(/\s?\[(\d+)\]/).forEach((part, i) => {
    if (i % 2 === 0) {
      if (part !== '') pieces.push({ type: 'words', text: part })
      return
    }
    const citation = citations.find(({ n }) => n === Number(part))
    pieces.push(citation ? { type: 'marker', citation } : { type: 'words', text: ` [${part}]` })
  })
  return pieces
}

/** Letters and digits alone: line ends, quotation marks and brackets are set anew where a quote becomes part of an answer. */
function plain(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '')
}

// A line that begins so stands for itself: an item, a row of a table, a heading, a quotation.
const OWN_LINE = /^\s*(?:[-*+•–|#>]|\d+[.)])/

/** Lines of prose end where the paper did: shown elsewhere they flow. Blank lines, items and rows stay. */
export function flowing(text: string): string {
  const [first = '', ...lines] = text.split('\n')
  let [shown, above] = [first, first]
  for (const line of lines) {
    const flows = above.trim() !== '' && line.trim() !== '' && !OWN_LINE.test(line)
    shown += (flows ? ' ' : '\n') + line
    above = line
  }
  return shown
}
