/** Lists in a text: what stands before them is said of each of their items. "It is prohibited: (a) to pick flowers; (b) to leave litter". */

const ITEM = /^[ \t]*(?:[-*•–▪◦]|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)°]|[（(]?[一二三四五六七八九十]{1,2}[）)、])\s?/iu
const LEAD_IN = /[:：]\s*$/
/** A line that goes on with an item is indented or begins with a small letter. */
const CONTINUATION = /^(?:[ \t]{2,}|\p{Ll})/u
const LINES_MAX = 30

/** The line before the list in which this place stands, or an empty text. */
export function leadInOf(text: string, at: number): string {
  let start = text.lastIndexOf('\n', at - 1) + 1
  let isItem = false
  for (let count = 0; count < LINES_MAX; count++) {
    const line = lineAt(text, start)
    if (ITEM.test(line)) isItem = true
    else if (isItem && LEAD_IN.test(line)) return line.trim()
    else if (!CONTINUATION.test(line) && line.trim() !== '') return ''
    else if (count === 0 && !CONTINUATION.test(line)) return ''
    if (start === 0) return ''
    start = text.lastIndexOf('\n', start - 2) + 1
  }
  return ''
}

function lineAt(text: string, start: number): string {
  const end = text.indexOf('\n', start)
  return text.slice(start, end < 0 ? text.length : end)
}
