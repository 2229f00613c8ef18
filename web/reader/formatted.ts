/**
 * A document as a tree of allowed elements, from which the page makes elements of its own. No string of HTML is ever made, nothing
 * of a document becomes an attribute but what stands here, and nothing of it is loaded: pictures are named, not fetched.
 */

/** Half-open, in UTF-16 code units. */
export interface Range {
  readonly start: number
  readonly end: number
}

export interface FormattedText {
  readonly text: string
}

export interface FormattedElement {
  readonly tag: ShownTag
  readonly attributes: ShownAttributes
  readonly children: readonly FormattedNode[]
}

export type FormattedNode = FormattedText | FormattedElement

export interface Formatted {
  readonly nodes: readonly FormattedNode[]
  /** Every place that has a name. */
  readonly anchors: ReadonlySet<string>
  /** Which part of which text shows a range of the page's text; empty where nothing does. */
  find(mark: Range): ReadonlyMap<FormattedText, Range>
}

/** `picture` is the place of a picture, with the words that stand for it. */
export type ShownTag =
  | 'picture'
  | ('p' | 'div' | 'blockquote' | 'pre' | 'code' | 'kbd' | 'samp' | 'hr' | 'br' | 'wbr' | 'figure' | 'figcaption')
  | ('h3' | 'h4' | 'h5' | 'h6' | 'ul' | 'ol' | 'li' | 'dl' | 'dt' | 'dd' | 'ruby' | 'rt' | 'a' | 'span')
  | ('strong' | 'em' | 's' | 'u' | 'sub' | 'sup' | 'small' | 'q')
  | ('table' | 'caption' | 'thead' | 'tbody' | 'tfoot' | 'tr' | 'th' | 'td')

export interface ShownAttributes {
  readonly href?: string
  readonly start?: number
  readonly colSpan?: number
  readonly rowSpan?: number
  readonly align?: 'center' | 'end'
  readonly dir?: 'ltr' | 'rtl'
  readonly lang?: string
  /** The name of a place in the document, and that of one that a link leads to; neither is a name in the page. */
  readonly anchor?: string
  readonly toAnchor?: string
}

/** More is shown as plain text: a browser would be busy with it for longer than people wait. */
export const NODES_MAX = 60_000
/** What is nested deeper is shown as if it stood here. */
export const DEPTH_MAX = 60

export class TooLargeError extends Error {}

/** Builds the tree from the beginning of the document to its end. */
export class FormattedTree {
  readonly root: FormattedNode[] = []
  /** In the order in which they are read. */
  readonly texts: FormattedText[] = []
  readonly anchors = new Set<string>()
  readonly #open: { tag: ShownTag | undefined; children: FormattedNode[] }[] = [{ tag: undefined, children: this.root }]
  #nodes = 0
  #heading = 2 // The name of the document is a heading of the second level.

  /** An element; undefined is one that does not show. */
  open(tag: ShownTag | undefined, attributes: ShownAttributes = {}): void {
    const parent = this.#open.at(-1)!
    const shown = tag && this.#open.length <= DEPTH_MAX ? fitting(tag, parent.tag) : undefined
    if (shown === undefined) {
      this.#open.push({ tag: parent.tag, children: parent.children })
      return
    }
    if (attributes.anchor !== undefined) this.anchors.add(attributes.anchor)
    const children: FormattedNode[] = []
    this.#add({ tag: shown, attributes, children })
    this.#open.push({ tag: shown, children })
  }

  close(): void {
    this.#open.pop()
  }

  leaf(tag: ShownTag, attributes: ShownAttributes = {}): void {
    this.open(tag, attributes)
    this.close()
  }

  text(text: string): FormattedText | undefined {
    const { tag } = this.#open.at(-1)!
    if (text === '' || (tag !== undefined && HOLDS_NO_TEXT.has(tag) && text.trim() === '')) return undefined
    const node = { text }
    this.#add(node)
    this.texts.push(node)
    return node
  }

  /** Of level 1 to 6. No level is left out, whatever the document does: whoever listens goes from heading to heading. */
  openHeading(level: number, attributes: ShownAttributes = {}): void {
    this.#heading = Math.min(level + 2, this.#heading + 1, 6)
    this.open(`h${this.#heading as 3 | 4 | 5 | 6}`, attributes)
  }

  /** With words that stand for it, and are no part of the text. */
  picture(words: string): void {
    this.open('picture')
    if (words !== '') this.#add({ text: words })
    this.close()
  }

  #add(node: FormattedNode): void {
    if (++this.#nodes > NODES_MAX) throw new TooLargeError()
    this.#open.at(-1)!.children.push(node)
  }
}

const HOLDS_NO_TEXT = new Set<ShownTag>(['table', 'thead', 'tbody', 'tfoot', 'tr', 'ul', 'ol', 'dl', 'ruby'])
/** Elsewhere they would be read out as something that they are not. */
const STANDS_IN: Partial<Record<ShownTag, ReadonlySet<ShownTag>>> = {
  li: new Set(['ul', 'ol']),
  dt: new Set(['dl']),
  dd: new Set(['dl']),
  caption: new Set(['table']),
  thead: new Set(['table']),
  tbody: new Set(['table']),
  tfoot: new Set(['table']),
  tr: new Set(['table', 'thead', 'tbody', 'tfoot']),
  th: new Set(['tr']),
  td: new Set(['tr']),
}

function fitting(tag: ShownTag, parent: ShownTag | undefined): ShownTag {
  const parents = STANDS_IN[tag]
  return parents === undefined || (parent !== undefined && parents.has(parent)) ? tag : 'div'
}

/** Where people may go from a document: an address of the web or of a person, in full, and nothing that a browser would run. */
export function harmlessUrl(address: string): string | undefined {
  if (address.length > URL_LENGTH_MAX) return undefined
  if (!URL.canParse(address)) return undefined
  const { protocol, href } = new URL(address)
  return HARMLESS.has(protocol) ? href : undefined
}

/** The place in the document that `#place` leads to. */
export function anchorOf(address: string): string | undefined {
  if (!address.startsWith('#') || address.length > URL_LENGTH_MAX) return undefined
  try {
    return decodeURIComponent(address.slice(1))
  } catch {
    return undefined // Written by hand, with a stray `%`.
  }
}

const URL_LENGTH_MAX = 2_000
const HARMLESS = new Set(['http:', 'https:', 'mailto:'])
