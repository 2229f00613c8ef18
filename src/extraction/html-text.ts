/** Builds the text of HTML: white space as a browser shows it, blocks apart, list items and table rows on lines of their own. */
import type { Heading } from '../extraction.ts'
import { cleanText } from './clean-text.ts'

/** How many line ends stand before and after. Two make a paragraph. */
const PARAGRAPHS = new Set(
  'p div section article main header footer blockquote figure figcaption address details summary ul ol dl table pre hr h1 h2 h3 h4 h5 h6 fieldset body'.split(
    ' ',
  ),
)
const LINES = new Set('li tr dt dd caption legend'.split(' '))
const LISTS = new Set(['ul', 'ol'])
const CELLS = new Set(['td', 'th'])
const HEADING = /^h([1-6])$/
const SOFT_HYPHEN = '\u00ad'
const WHITE_SPACE = /[ \t\n\f\r]+/g

export class HtmlText {
  #text = ''
  #headings: Heading[] = []
  #heading: { start: number | undefined; level: number } | undefined
  #preformatted = 0
  #listDepth = 0
  /** What is written between the last text and the next. */
  #breaks = 0
  #space = false
  #cell = false
  /** In a table cell, before its first text: a paragraph in a cell does not break the row. */
  #cellStart = false

  get length(): number {
    return this.#text.length
  }

  finish(): { text: string; headings: Heading[] } {
    return { text: this.#text, headings: this.#headings }
  }

  open(name: string): void {
    this.#boundary(name)
    const level = HEADING.exec(name)?.[1]
    if (level) this.#heading = { start: undefined, level: Number(level) }
    if (CELLS.has(name)) this.#cellStart = true
    if (name === 'pre') this.#preformatted++
    if (LISTS.has(name)) this.#listDepth++
  }

  close(name: string): void {
    if (HEADING.test(name)) this.#endHeading()
    if (name === 'pre') this.#preformatted = Math.max(0, this.#preformatted - 1)
    if (LISTS.has(name)) this.#listDepth = Math.max(0, this.#listDepth - 1)
    if (CELLS.has(name)) this.#endCell()
    else this.#boundary(name)
  }

  write(data: string): void {
    const text = cleanText(data).replaceAll(SOFT_HYPHEN, '')
    if (this.#preformatted > 0) this.#append(text)
    else this.#writeCollapsed(text.replace(WHITE_SPACE, ' '))
  }

  #writeCollapsed(text: string): void {
    if (text.startsWith(' ')) this.#space = true
    const words = text.slice(text.startsWith(' ') ? 1 : 0, text.length > 1 && text.endsWith(' ') ? -1 : undefined)
    if (words === '') return
    this.#append(words)
    this.#space = text.endsWith(' ')
  }

  #append(text: string): void {
    if (text === '') return
    if (this.#text !== '') this.#text += this.#gap()
    this.#breaks = 0
    this.#space = false
    this.#cell = false
    this.#cellStart = false
    if (this.#heading) this.#heading.start ??= this.#text.length
    this.#text += text
  }

  #gap(): string {
    if (this.#breaks > 0) return '\n'.repeat(this.#breaks)
    if (this.#cell) return '\t'
    return this.#space ? ' ' : ''
  }

  #endHeading(): void {
    if (this.#heading?.start !== undefined) {
      this.#headings.push({ start: this.#heading.start, end: this.#text.length, level: this.#heading.level })
    }
    this.#heading = undefined
  }

  /** The next cell stands in the same line; an empty cell leaves everything as it is. */
  #endCell(): void {
    if (this.#cellStart && this.#breaks > 0) return
    this.#breaks = 0
    this.#cell = true
  }

  #boundary(name: string): void {
    if (name === 'br') this.#breakLines(Math.min(2, this.#breaks + 1))
    else if (LINES.has(name)) this.#breakLines(1)
    else if (PARAGRAPHS.has(name) && !(this.#cellStart && name !== 'table'))
      this.#breakLines(this.#listDepth > 0 ? 1 : 2)
  }

  #breakLines(count: number): void {
    this.#breaks = Math.max(this.#breaks, count)
    this.#cell = false
  }
}
