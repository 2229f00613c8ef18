/**
 * HTML of a document, formatted, from the bytes as they came. It is taken apart by the parser by which the bot reads, into a tree of
 * allowed elements: what the bot leaves out is not shown either. Where the quote stands is found by its letters.
 */
import { Parser } from 'htmlparser2'
import {
  anchorOf,
  type Formatted,
  FormattedTree,
  harmlessUrl,
  type ShownAttributes,
  type ShownTag,
} from './formatted.ts'
import { openLetters } from './letters.ts'

/** More than this is pictures, or takes longer than people wait. */
export const HTML_BYTES_MAX = 8 * 1024 * 1024

/** `text`: what the bot read of it. */
export function formatHtml(bytes: Uint8Array, text: string): Formatted {
  const reading = new Reading()
  const parser = new Parser(reading)
  parser.end(decode(bytes, text))
  const [all, main] = [reading.all, reading.main].map((tree) => ({ tree, letters: openLetters(tree.texts, text) }))
  // Where the bot took no more than what calls itself the document, the rest is the page around it.
  const { tree, letters } = main!.letters.isWhole && !all!.letters.isWhole ? main! : all!
  return { nodes: tree.root, anchors: tree.anchors, find: letters.find }
}

// As `extraction/html.ts` has it; a test compares what is read there with what is shown here.
const LEFT_OUT = new Set(
  'script style noscript template svg math iframe object embed applet audio video canvas map head title nav aside menu dialog button select textarea'.split(
    ' ',
  ),
)
const PAGE_EDGES = new Set(['header', 'footer'])
const EDGE_ROLES = new Set('navigation banner contentinfo complementary search dialog alertdialog menu'.split(' '))
const HIDING_STYLE =
  /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9]))/i
const STYLE_LENGTH_MAX = 1_000

/** What is not named here shows its content and nothing of itself. */
const TAGS: Readonly<Record<string, ShownTag>> = {
  ...{ p: 'p', blockquote: 'blockquote', pre: 'pre', hr: 'hr', br: 'br', wbr: 'wbr', img: 'picture' },
  ...{ div: 'div', section: 'div', article: 'div', main: 'div', header: 'div', footer: 'div', address: 'div' },
  ...{ details: 'div', summary: 'p', fieldset: 'div', legend: 'p', form: 'div', center: 'div' },
  ...{ figure: 'figure', figcaption: 'figcaption', ul: 'ul', ol: 'ol', li: 'li', dl: 'dl', dt: 'dt', dd: 'dd' },
  ...{
    table: 'table',
    caption: 'caption',
    thead: 'thead',
    tbody: 'tbody',
    tfoot: 'tfoot',
    tr: 'tr',
    th: 'th',
    td: 'td',
  },
  ...{ a: 'a', strong: 'strong', b: 'strong', em: 'em', i: 'em', cite: 'em', dfn: 'em', var: 'em', u: 'u', ins: 'u' },
  ...{ s: 's', del: 's', strike: 's', sub: 'sub', sup: 'sup', small: 'small', q: 'q', ruby: 'ruby', rt: 'rt' },
  ...{ code: 'code', tt: 'code', kbd: 'kbd', samp: 'samp', span: 'span', bdi: 'span', bdo: 'span' },
}
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))

class Reading {
  readonly all = new FormattedTree()
  /** What stands in `main` and `article`. */
  readonly main = new FormattedTree()
  /** From the outside to the inside: whether each is left out, and whether it is the document itself. */
  readonly #open: { isLeftOut: boolean; isMain: boolean }[] = []
  #leftOut = 0
  #mains = 0
  /** The parser hands over what it has: a word with an accent written as an entity comes in three pieces. */
  #text = ''

  onopentag(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#endText()
    const isMain = name === 'main' || name === 'article' || attributes['role'] === 'main'
    const isLeftOut = this.#isLeftOut(name, attributes)
    if (VOID.has(name)) {
      if (!isLeftOut) this.#write((tree) => addVoid(tree, name, attributes))
      return
    }
    this.#open.push({ isLeftOut, isMain })
    if (isLeftOut) this.#leftOut++
    if (isMain) this.#mains++
    this.#write((tree) => openShown(tree, name, attributes))
  }

  ontext(text: string): void {
    if (this.#leftOut === 0) this.#text += text
  }

  onclosetag(name: string): void {
    if (VOID.has(name)) return
    this.#endText()
    this.#write((tree) => tree.close())
    const element = this.#open.pop()
    if (element?.isLeftOut) this.#leftOut--
    if (element?.isMain) this.#mains--
  }

  onend(): void {
    this.#endText()
  }

  #endText(): void {
    const text = this.#text
    this.#text = ''
    this.#write((tree) => tree.text(text))
  }

  #write(into: (tree: FormattedTree) => void): void {
    if (this.#leftOut > 0) return
    into(this.all)
    if (this.#mains > 0) into(this.main)
  }

  #isLeftOut(name: string, attributes: Readonly<Record<string, string>>): boolean {
    if (LEFT_OUT.has(name)) return true
    if (PAGE_EDGES.has(name) && this.#mains === 0) return true
    if (EDGE_ROLES.has(attributes['role'] ?? '')) return true
    return (
      'hidden' in attributes ||
      attributes['aria-hidden'] === 'true' ||
      HIDING_STYLE.test((attributes['style'] ?? '').slice(0, STYLE_LENGTH_MAX))
    )
  }
}

function addVoid(tree: FormattedTree, name: string, attributes: Readonly<Record<string, string>>): void {
  const tag = tagOf(name)
  // The bot does not read what stands for a picture, so that these words are no part of the text.
  if (tag === 'picture') tree.picture((attributes['alt'] ?? '').trim().slice(0, ALT_LENGTH_MAX))
  else if (tag !== undefined) tree.leaf(tag)
}

function openShown(tree: FormattedTree, name: string, attributes: Readonly<Record<string, string>>): void {
  const level = /^h([1-6])$/.exec(name)?.[1]
  const [tag, shown] = [tagOf(name), attributesOf(name, attributes)]
  if (level !== undefined) tree.openHeading(Number(level), shown)
  else if (tag === 'a' && shown.href === undefined && shown.toAnchor === undefined) openPlace(tree, shown)
  else if (tag === undefined) openPlace(tree, shown)
  else tree.open(tag, shown)
}

/** What shows nothing of itself may still be where a link leads. */
function openPlace(tree: FormattedTree, shown: ShownAttributes): void {
  tree.open(shown.anchor === undefined ? undefined : 'span', shown)
}

const ALT_LENGTH_MAX = 300
const ANCHOR_LENGTH_MAX = 300
/** Of cells that become one. */
const SPAN_MAX = 100

function tagOf(name: string): ShownTag | undefined {
  return Object.hasOwn(TAGS, name) ? TAGS[name] : undefined
}

function attributesOf(name: string, attributes: Readonly<Record<string, string>>): ShownAttributes {
  const { dir, lang } = attributes
  const href = name === 'a' ? harmlessUrl(attributes['href'] ?? '') : undefined
  const toAnchor = name === 'a' ? anchorOf(attributes['href'] ?? '') : undefined
  const anchor = attributes['id'] || (name === 'a' && attributes['name']) || undefined
  const start = name === 'ol' ? countOf(attributes['start'], 1_000_000) : undefined
  const isCell = name === 'td' || name === 'th'
  const colSpan = isCell ? countOf(attributes['colspan'], SPAN_MAX) : undefined
  const rowSpan = isCell ? countOf(attributes['rowspan'], SPAN_MAX) : undefined
  return {
    ...(href === undefined ? {} : { href }),
    ...(toAnchor === undefined ? {} : { toAnchor }),
    ...(anchor === undefined || anchor.length > ANCHOR_LENGTH_MAX ? {} : { anchor }),
    ...(start === undefined ? {} : { start }),
    ...(colSpan === undefined ? {} : { colSpan }),
    ...(rowSpan === undefined ? {} : { rowSpan }),
    ...(dir === 'ltr' || dir === 'rtl' ? { dir } : {}),
    ...(lang !== undefined && /^[a-z]{2,8}(?:-[a-z0-9]{1,8})*$/i.test(lang) ? { lang } : {}),
  }
}

function countOf(text: string | undefined, max: number): number | undefined {
  return text !== undefined && /^\d{1,7}$/.test(text) && Number(text) <= max ? Number(text) : undefined
}

/** Where the file does not say what it is, some that are common; the bot guesses better, and what it read tells which it was. */
const ENCODINGS =
  'utf-8 windows-1252 windows-1251 windows-1250 shift_jis euc-jp gb18030 big5 euc-kr windows-1256 windows-1253 windows-1254 windows-1255 koi8-r'.split(
    ' ',
  )
/** Letters that are no ASCII: so many tell encodings apart. */
const TELLING_MAX = 2_000

function decode(bytes: Uint8Array, text: string): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return clean(new TextDecoder('utf-16le').decode(bytes))
  if (first === 0xfe && second === 0xff) return clean(new TextDecoder('utf-16be').decode(bytes))
  try {
    return clean(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return clean(mostAlike(bytes, text))
  }
}

function mostAlike(bytes: Uint8Array, text: string): string {
  const head = new TextDecoder('windows-1252').decode(bytes.subarray(0, 4096))
  const declared = /<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)/i.exec(head)?.[1]
  const known = new Set(text)
  let best = { decoded: '', share: -1 }
  for (const encoding of declared === undefined ? ENCODINGS : [declared, ...ENCODINGS]) {
    const decoded = decodeAs(encoding, bytes)
    const telling = decoded?.match(/[^\p{ASCII}\s]/gu)?.slice(0, TELLING_MAX) ?? []
    const share = telling.filter((letter) => known.has(letter)).length / Math.max(1, telling.length)
    if (decoded !== undefined && share > best.share) best = { decoded, share }
  }
  return best.decoded
}

function decodeAs(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encoding).decode(bytes)
  } catch {
    return undefined // Not every browser knows every name.
  }
}

/** As `extraction/clean-text.ts` does it. */
function clean(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replaceAll('\0', ' ')
}
