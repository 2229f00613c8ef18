/** A chat, or one answer of it, as text that makes sense elsewhere: Markdown with footnotes for the quotes. */
import type { Citation } from './wire.ts'

export interface Told {
  readonly question: string
  readonly answer: string
  readonly citations: readonly Citation[]
}

/** How a footnote names its place, in the language of the page. */
export type Footnote = (citation: Citation) => string

/** An answer with its quotes below it. Its markers stay as they are: `[1]`. */
export function withFootnotes(answer: string, citations: readonly Citation[], footnote: Footnote): string {
  return [answer, ...citations.map((citation) => `[${citation.n}] ${footnote(citation)}`)].join('\n\n')
}

/** Footnotes are numbered through the chat, because in one file each number is one note. */
export function markdownOf(title: string, told: readonly Told[], footnote: Footnote): string {
  const notes: string[] = []
  const parts = told.map(({ question, answer, citations }) => {
    const numbers = new Map(citations.map(({ n }, i) => [n, notes.length + i + 1]))
    notes.push(...citations.map((citation) => `[^${numbers.get(citation.n)}]: ${oneLine(footnote(citation))}`))
    const text = answer.replace(/\[(\d+)\]/g, (marker, n) => {
      const number = numbers.get(Number(n))
      return number === undefined ? marker : `[^${number}]`
    })
    return `## ${oneLine(question)}\n\n${text.trim()}`
  })
  return `${[`# ${oneLine(title)}`, ...parts, notes.join('\n')].filter((part) => part !== '').join('\n\n')}\n`
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}
