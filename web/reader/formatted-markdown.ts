/**
 * Markdown of a document, formatted. Its text is what is cited, marks and all, so that every piece of it that is shown keeps the place
 * where it was written: what the parser does not tell is looked for from the end of the piece before, within the lines of the block.
 */
import MarkdownIt, { type Token } from 'markdown-it'
import {
  anchorOf,
  type Formatted,
  type FormattedText,
  FormattedTree,
  harmlessUrl,
  type Range,
  type ShownAttributes,
  type ShownTag,
} from './formatted.ts'

// HTML stays text, as the bot reads it, but for breaks and remarks, which are there to be seen by nobody. Without `text_join`: what was
// escaped stays a piece of its own.
const parser = new MarkdownIt({ html: true, linkify: true }).disable(['html_block', 'text_join'])
// Names of files would become addresses: `notes.md` is one of Moldova.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false })

const TAGS: Readonly<Record<string, ShownTag>> = {
  ...{ p: 'p', ul: 'ul', ol: 'ol', li: 'li', blockquote: 'blockquote', strong: 'strong', em: 'em', s: 's' },
  ...{ table: 'table', thead: 'thead', tbody: 'tbody', tr: 'tr', th: 'th', td: 'td' },
}

export function formatMarkdown(text: string): Formatted {
  const reading = new Reading(text)
  reading.read()
  return {
    nodes: reading.tree.root,
    anchors: reading.tree.anchors,
    find: (mark) => shownOf(reading.places, mark),
  }
}

/** What of the mark each text shows. A sign that was written otherwise, as `&amp;`, is marked as a whole. */
function shownOf(places: ReadonlyMap<FormattedText, Range>, mark: Range): ReadonlyMap<FormattedText, Range> {
  const shown = new Map<FormattedText, Range>()
  for (const [node, { start, end }] of places) {
    if (end <= mark.start || start >= mark.end) continue
    const isAsWritten = end - start === node.text.length
    shown.set(
      node,
      isAsWritten
        ? { start: Math.max(0, mark.start - start), end: Math.min(node.text.length, mark.end - start) }
        : { start: 0, end: node.text.length },
    )
  }
  return shown
}

class Reading {
  readonly tree = new FormattedTree()
  readonly places = new Map<FormattedText, Range>()
  readonly #text: string
  /** Where each line of what is parsed begins. */
  readonly #lines: number[] = []
  /** How often each was given. */
  readonly #names = new Map<string, number>()
  #cursor = 0
  #limit = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): void {
    const begin = this.#readMetadata()
    for (let at = begin; at !== 0 || this.#lines.length === 0; at = this.#text.indexOf('\n', at) + 1)
      this.#lines.push(at)
    const tokens = parser.parse(this.#text.slice(begin), {})
    for (const [index, token] of tokens.entries()) this.#readBlock(token, tokens[index + 1])
  }

  /** Between lines of `---` at the beginning, as it is written; answers where it ends. */
  #readMetadata(): number {
    const end = this.#text.startsWith('---\n') ? this.#text.indexOf('\n---\n', 3) : -1
    if (end < 4) return 0
    this.#limit = end
    this.#readCode(this.#text.slice(4, end))
    return end + 5
  }

  #readBlock(token: Token, next: Token | undefined): void {
    if (token.map && token.nesting !== -1) this.#lookIn(token.map)
    if (token.nesting === -1) this.tree.close()
    else if (token.nesting === 1) this.#openBlock(token, next)
    else if (token.type === 'inline') for (const child of token.children ?? []) this.#readInline(child)
    else if (token.type === 'hr') this.tree.leaf('hr')
    else if (token.type === 'fence' || token.type === 'code_block') this.#readCode(token.content)
    else this.#show(token.content)
  }

  #openBlock(token: Token, next: Token | undefined): void {
    const level = /^h([1-6])$/.exec(token.tag)?.[1]
    if (level !== undefined) this.tree.openHeading(Number(level), { anchor: this.#nameOf(next?.children ?? []) })
    // A tight list has paragraphs that are not to be seen.
    else this.tree.open(token.hidden ? undefined : TAGS[token.tag], attributesOf(token))
  }

  /** As hosts of Markdown name a heading, to lead there: in small letters, without signs, and numbered where it is not the first. */
  #nameOf(heading: readonly Token[]): string {
    const words = heading.map(({ type, content }) => (/^text|^code/.test(type) ? content : '')).join('')
    const plain = words.toLowerCase().replace(/[^\p{L}\p{M}\p{N}\s_-]/gu, '')
    const name = plain.trim().replaceAll(/\s/g, '-')
    const count = this.#names.get(name) ?? 0
    this.#names.set(name, count + 1)
    return count === 0 ? name : `${name}-${count}`
  }

  #readCode(content: string): void {
    this.tree.open('pre')
    this.tree.open('code')
    for (const piece of content.split(/(^\s+|\s*\n\s*)/)) {
      if (piece.trim() === '') this.tree.text(piece)
      else this.#show(piece)
    }
    this.tree.close()
    this.tree.close()
  }

  #readInline(token: Token): void {
    switch (token.type) {
      case 'text':
        this.#show(token.content)
        break
      case 'text_special':
        this.#show(token.content, token.markup)
        break
      case 'code_inline':
        this.tree.open('code')
        this.#show(token.content)
        this.tree.close()
        break
      case 'html_inline':
        if (/^<br\s*\/?>$/i.test(token.content)) this.tree.leaf('br')
        else if (!token.content.startsWith('<!--')) this.#show(token.content)
        break
      case 'softbreak':
      case 'hardbreak':
        if (token.type === 'softbreak') this.#show('\n')
        else {
          this.tree.leaf('br')
          this.#skipPast('\n')
        }
        break
      case 'image':
        this.#skipPast('![')
        this.tree.open('picture')
        this.#show(token.content)
        this.tree.close()
        this.#skipTarget()
        break
      case 'link_open': {
        const address = String(token.attrGet('href') ?? '')
        const [href, toAnchor] = [harmlessUrl(address), anchorOf(address)]
        if (href !== undefined) this.tree.open('a', { href })
        else if (toAnchor !== undefined) this.tree.open('a', { toAnchor })
        else this.tree.open(undefined)
        break
      }
      case 'link_close':
        this.tree.close()
        if (token.markup === '') this.#skipTarget()
        break
      default:
        if (token.nesting === 1) this.tree.open(TAGS[token.tag])
        else if (token.nesting === -1) this.tree.close()
        else this.#show(token.content)
    }
  }

  #lookIn([first, end]: [number, number]): void {
    this.#cursor = this.#lines[first] ?? this.#text.length
    this.#limit = this.#lines[end] ?? this.#text.length
  }

  /** `written` is how it stands in the file, where that is otherwise. */
  #show(text: string, written = text): void {
    const node = this.tree.text(text)
    const place = this.#placeOf(written)
    if (node === undefined || place === undefined) return
    this.#cursor = place.end
    this.places.set(node, place)
  }

  #placeOf(written: string): Range | undefined {
    // In a table a stroke within code is written with a backslash.
    return (
      this.#placeOfPiece(written) ??
      this.#placeOfPiece(written.replaceAll('|', '\\|')) ??
      this.#placeOfWords(written.trim().split(/\s+/))
    )
  }

  #placeOfPiece(written: string): Range | undefined {
    const start = this.#text.indexOf(written, this.#cursor)
    return start === -1 || start + written.length > this.#limit ? undefined : { start, end: start + written.length }
  }

  /** Of code that goes over the end of a line: between its words may stand what belongs to the list or quote around it. */
  #placeOfWords(words: readonly string[]): Range | undefined {
    if (words.length < 2) return undefined
    let [start, end] = [-1, this.#cursor]
    for (const word of words) {
      const at = this.#text.indexOf(word, end)
      if (at === -1 || at + word.length > this.#limit) return undefined
      if (start === -1) start = at
      end = at + word.length
    }
    return { start, end }
  }

  #skipPast(sign: string): void {
    const at = this.#text.indexOf(sign, this.#cursor)
    if (at !== -1 && at < this.#limit) this.#cursor = at + sign.length
  }

  /** Behind the words of a link: `](address "title")`, `][name]` or `]`. */
  #skipTarget(): void {
    this.#skipPast(']')
    const { helpers } = parser
    const next = this.#text[this.#cursor]
    if (next === '[') this.#skipPast(']')
    if (next !== '(') return
    const address = helpers.parseLinkDestination(this.#text, this.#afterSpace(this.#cursor + 1), this.#limit)
    if (address.ok) this.#cursor = this.#afterSpace(address.pos)
    const title = helpers.parseLinkTitle(this.#text, this.#cursor, this.#limit)
    if (title.ok) this.#cursor = title.pos
    this.#skipPast(')')
  }

  #afterSpace(at: number): number {
    while (at < this.#limit && /\s/.test(this.#text[at]!)) at++
    return at
  }
}

function attributesOf(token: Token): ShownAttributes {
  const start = Number(token.attrGet('start') ?? 1)
  const align = /text-align:(center|right)/.exec(String(token.attrGet('style') ?? ''))?.[1]
  return {
    ...(start === 1 ? {} : { start }),
    ...(align === undefined ? {} : { align: align === 'center' ? 'center' : 'end' }),
  }
}
