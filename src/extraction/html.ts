/** HTML: one page holding what a reader came for. Streaming: the document tree never exists. */
import { Parser } from 'htmlparser2'
import { KnowBotError } from '../errors.ts'
import { cleanText } from './clean-text.ts'
import { decodeFile } from './decoding.ts'
import { HtmlText } from './html-text.ts'
import { textLimit } from './plain-text.ts'
import { type Reader, textPage } from './reader.ts'

export const readHtml: Reader = async function* (job) {
  job.startPage(1, job.limits.pageWallMsMax)
  const content = new HtmlContent(job.limits.htmlDepthMax)
  const parser = new Parser(content)
  const { chunks } = await decodeFile(job.path, declaredEncoding)
  for await (const chunk of chunks) {
    parser.write(chunk)
    if (content.length > job.limits.textCharactersMax) throw textLimit(job.limits.textCharactersMax, job.name)
  }
  parser.end()
  const { title, language, text, headings } = content.finish()
  yield { kind: 'opened', pagesTotal: 1, title }
  if (job.firstPage > 1) return
  yield { kind: 'page', page: textPage(text, { headings, language: job.language ?? language }) }
}

function declaredEncoding(head: Uint8Array): string | undefined {
  const start = Buffer.from(head.subarray(0, 4096)).toString('latin1')
  return /<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w-]+)/i.exec(start)?.[1]
}

/** Elements whose content nobody reads as the document: code, controls, ways to other pages. */
const DROPPED = new Set(
  'script style noscript template svg math iframe object embed applet audio video canvas map head nav aside menu dialog button select textarea'.split(
    ' ',
  ),
)
/** Of the page, not of its content, where they stand outside of `main` and `article`. */
const PAGE_EDGES = new Set(['header', 'footer'])
const EDGE_ROLES = new Set([
  'navigation',
  'banner',
  'contentinfo',
  'complementary',
  'search',
  'dialog',
  'alertdialog',
  'menu',
])
const HIDING_STYLE =
  /(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d]*[1-9])|opacity\s*:\s*0(?![.\d]*[1-9]))/i
const STYLE_LENGTH_MAX = 1_000
/** `main` and `article` are the document when they hold this share of what can be read of the page. */
const MAIN_SHARE_MIN = 0.25

interface OpenElement {
  name: string
  dropped: boolean
  main: boolean
}

class HtmlContent {
  readonly #depthMax: number
  readonly #open: OpenElement[] = []
  readonly #body = new HtmlText()
  readonly #main = new HtmlText()
  #dropped = 0
  #mains = 0
  #inTitle = false
  #title = ''
  #language: string | null = null

  constructor(depthMax: number) {
    this.#depthMax = depthMax
  }

  get length(): number {
    return this.#body.length + this.#main.length
  }

  finish(): { title: string | null; language: string | null } & ReturnType<HtmlText['finish']> {
    const [main, body] = [this.#main.finish(), this.#body.finish()]
    const chosen = main.text.length > 0 && main.text.length >= body.text.length * MAIN_SHARE_MIN ? main : body
    const title = cleanText(this.#title).replace(/\s+/g, ' ').trim()
    return { title: title === '' ? null : title, language: this.#language, ...chosen }
  }

  onopentag(name: string, attributes: Record<string, string>): void {
    if (this.#open.length >= this.#depthMax) throw tooDeep(this.#depthMax)
    const main = name === 'main' || name === 'article' || attributes['role'] === 'main'
    const element = { name, main, dropped: this.#isDropped(name, attributes) }
    if (!isVoid(name)) this.#open.push(element)
    if (element.dropped && !isVoid(name)) this.#dropped++
    if (main) this.#mains++
    if (name === 'html') this.#language = attributes['lang']?.trim() || null
    if (name === 'title' && !this.#insideSvg()) this.#inTitle = this.#title === ''
    this.#write((text) => text.open(name))
  }

  ontext(data: string): void {
    if (this.#inTitle) this.#title += data
    else this.#write((text) => text.write(data))
  }

  onclosetag(name: string): void {
    if (isVoid(name)) return
    this.#write((text) => text.close(name))
    const element = this.#open.pop()
    if (name === 'title') this.#inTitle = false
    if (element?.dropped) this.#dropped--
    if (element?.main) this.#mains--
  }

  #write(into: (text: HtmlText) => void): void {
    if (this.#dropped > 0) return
    into(this.#body)
    if (this.#mains > 0) into(this.#main)
  }

  #isDropped(name: string, attributes: Record<string, string>): boolean {
    if (DROPPED.has(name)) return true
    if (PAGE_EDGES.has(name) && this.#mains === 0) return true
    if (EDGE_ROLES.has(attributes['role'] ?? '')) return true
    return (
      'hidden' in attributes ||
      attributes['aria-hidden'] === 'true' ||
      HIDING_STYLE.test((attributes['style'] ?? '').slice(0, STYLE_LENGTH_MAX))
    )
  }

  #insideSvg(): boolean {
    return this.#open.some((element) => element.name === 'svg')
  }
}

const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '))

function isVoid(name: string): boolean {
  return VOID.has(name)
}

function tooDeep(depthMax: number): KnowBotError {
  return new KnowBotError('document_damaged', `Expected HTML nested at most ${depthMax} levels deep, got more.`)
}
