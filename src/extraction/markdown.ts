/** Headings of Markdown, located in the untouched text: `# ATX` and underlined ones, none inside code fences. */
import type { Heading } from '../extraction.ts'

const FENCE = /^ {0,3}(`{3,}|~{3,})(.*)$/
const ATX = /^ {0,3}(#{1,6})(?:[ \t]+|$)/
/** Longer is no heading. */
const HEADING_LENGTH_MAX = 1_000
const ATX_END = /(?:^|[ \t])#+[ \t]*$/
const UNDERLINE = /^ {0,3}(=+|-+)[ \t]*$/
/** Lines that cannot be the text of an underlined heading: quotes, lists, tables, indented code, rules, other headings. */
const NO_PARAGRAPH = /^(?: {4}|\t| {0,3}(?:>|[-*+][ \t]|\d{1,9}[.)][ \t]|\||#|<))|^\s*$/

export function findHeadings(text: string): Heading[] {
  const headings: Heading[] = []
  let fence: string | undefined
  let previous: { start: number; line: string } | undefined
  let start = frontMatterEnd(text)
  while (start < text.length) {
    const lineEnd = endOfLine(text, start)
    const line = text.slice(start, lineEnd)
    const fenceMark = FENCE.exec(line)
    if (fence !== undefined) {
      if (fenceMark && closes(fence, fenceMark)) fence = undefined
      previous = undefined
    } else if (fenceMark) {
      fence = fenceMark[1]
      previous = undefined
    } else {
      const heading = atxHeading(line, start) ?? underlinedHeading(line, previous)
      if (heading) headings.push(heading)
      previous = heading ? undefined : { start, line }
    }
    start = lineEnd + 1
  }
  return headings
}

/** The title of the front matter, else the first heading when it is of the first level. */
export function findTitle(text: string, headings: readonly Heading[]): string | null {
  const stated = /^title:[ \t]*(.+)$/m.exec(text.slice(0, frontMatterEnd(text)))?.[1]
  if (stated) return stated.trim().replace(/^(["'])(.*)\1$/, '$2')
  const first = headings[0]
  return first?.level === 1 ? text.slice(first.start, first.end) : null
}

function atxHeading(line: string, start: number): Heading | undefined {
  const mark = line.length <= HEADING_LENGTH_MAX ? ATX.exec(line) : null
  if (!mark) return undefined
  const content = line.slice(mark[0].length).replace(ATX_END, '')
  return place(content, start + mark[0].length, mark[1]!.length)
}

function underlinedHeading(line: string, previous: { start: number; line: string } | undefined): Heading | undefined {
  const mark = UNDERLINE.exec(line)
  if (!mark || !previous || previous.line.length > HEADING_LENGTH_MAX || NO_PARAGRAPH.test(previous.line))
    return undefined
  return place(previous.line, previous.start, mark[1]!.startsWith('=') ? 1 : 2)
}

function place(content: string, start: number, level: number): Heading | undefined {
  const trimmed = content.trim()
  if (trimmed === '') return undefined
  const from = start + content.indexOf(trimmed)
  return { start: from, end: from + trimmed.length, level }
}

function closes(fence: string, mark: RegExpExecArray): boolean {
  return mark[1]!.startsWith(fence) && mark[2]!.trim() === ''
}

/** Where the text begins after a block of metadata between lines of `---`. */
function frontMatterEnd(text: string): number {
  if (!text.startsWith('---\n')) return 0
  const end = text.indexOf('\n---\n', 3)
  return end === -1 ? 0 : end + 5
}

function endOfLine(text: string, start: number): number {
  const end = text.indexOf('\n', start)
  return end === -1 ? text.length : end
}
