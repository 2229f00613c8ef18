/** The characters of a page, sorted by who can see them, and put together to words with boxes. */
import { KnowBotError } from '../../errors.ts'
import type { PlacedWord } from '../placed-text.ts'
import { readNumbers, withMemory } from './library.ts'
import { isWhiteColour, type PageObjects } from './objects.ts'
import type { Box, PdfPage } from './page.ts'
import { orderTurnedLines } from './turned-lines.ts'

export interface TextLayer {
  visible: PlacedWord[]
  /** Drawn with nothing, in white on white, or too small to be read: a scan's own recognition, or a trick. */
  hidden: PlacedWord[]
  /** Share of characters without a known meaning, as PDFium tells. */
  unmapped: number
}

const CHARACTERS_MAX = 2_000_000
const INVISIBLE_MODE = 3
/** Points. */
const READABLE_SIZE_MIN = 2
/** PDFium's marks for a hyphen at a line end, behind which it leaves the line break out. */
const HYPHEN_MARKS = new Set([0x02, 0xfffe])
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
/** A line that stands this far from the last one, in heights of that, begins a paragraph. */
const PARAGRAPH_GAP = 0.9

interface Character {
  text: string
  box: Box
}

export function readTextLayer(page: PdfPage, objects: PageObjects): TextLayer {
  const { pdfium } = page
  const handle = pdfium.FPDFText_LoadPage(page.handle)
  if (handle === 0) return { visible: [], hidden: [], unmapped: 0 }
  try {
    return collectWords(page, handle, objects)
  } finally {
    pdfium.FPDFText_ClosePage(handle)
  }
}

function collectWords(page: PdfPage, handle: number, objects: PageObjects): TextLayer {
  const { pdfium } = page
  const count = pdfium.FPDFText_CountChars(handle)
  if (count > CHARACTERS_MAX) {
    throw new KnowBotError(
      'text_limit',
      `Expected at most ${CHARACTERS_MAX.toLocaleString('en')} characters on a page, got more.`,
    )
  }
  const visible = new WordBuilder()
  const hidden = new WordBuilder()
  const styles = new Map<number, TextStyle>()
  let unmapped = 0
  withMemory(pdfium, 32, (memory) => {
    for (let index = 0; index < count; index++) {
      const code = pdfium.FPDFText_GetUnicode(handle, index)
      if (HYPHEN_MARKS.has(code)) {
        visible.hyphen()
        hidden.hyphen()
      } else if (isBreak(code)) {
        visible.breakAt(code)
        hidden.breakAt(code)
      } else {
        const character = placeCharacter(page, handle, index, code, memory)
        if (!character) continue
        if (pdfium.FPDFText_HasUnicodeMapError(handle, index) === 1) unmapped++
        const style = styleOf(page, pdfium.FPDFText_GetTextObject(handle, index), styles)
        const builder = isHidden(style, character.box, objects) ? hidden : visible
        builder.add(character)
      }
    }
  })
  const [seen, unseen] = [visible.finish(), hidden.finish()].map(orderTurnedLines) as [PlacedWord[], PlacedWord[]]
  return { visible: seen, hidden: unseen, unmapped: count === 0 ? 0 : unmapped / count }
}

function isBreak(code: number): boolean {
  return code <= 0x20 || code === 0xa0 || (code >= 0x2000 && code <= 0x200b) || code === 0x3000
}

/** Undefined when it has no place on the visible page. */
function placeCharacter(
  page: PdfPage,
  handle: number,
  index: number,
  code: number,
  memory: number,
): Character | undefined {
  const { pdfium } = page
  const at = [memory, memory + 8, memory + 16, memory + 24] as const // Left, right, bottom, top.
  if (!pdfium.FPDFText_GetCharBox(handle, index, ...at)) return undefined
  const [left, right, bottom, top] = at.map((pointer) => pdfium.pdfium.getValue(pointer, 'double'))
  const box = page.show(left!, bottom!, right!, top!)
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
  if (!(x >= 0 && y >= 0 && x <= page.width && y <= page.height)) return undefined
  const isCharacter = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff)
  return { text: isCharacter ? String.fromCodePoint(code) : '\ufffd', box }
}

interface TextStyle {
  isInvisible: boolean
  isWhite: boolean
}

function styleOf(page: PdfPage, object: number, styles: Map<number, TextStyle>): TextStyle {
  const known = styles.get(object)
  if (known) return known
  const style = readStyle(page, object)
  styles.set(object, style)
  return style
}

function readStyle({ pdfium }: PdfPage, object: number): TextStyle {
  if (object === 0) return { isInvisible: false, isWhite: false }
  const size = readNumbers(pdfium, 'float', 1, (pointer) => pdfium.FPDFTextObj_GetFontSize(object, pointer!))?.[0] ?? 12
  const matrix = readNumbers(pdfium, 'float', 6, (pointer) => pdfium.FPDFPageObj_GetMatrix(object, pointer!))
  const scale = matrix ? Math.sqrt(Math.abs(matrix[0]! * matrix[3]! - matrix[1]! * matrix[2]!)) : 1
  const fill = readNumbers(pdfium, 'i32', 4, (r, g, b, a) => pdfium.FPDFPageObj_GetFillColor(object, r!, g!, b!, a!))
  return {
    isInvisible: pdfium.FPDFTextObj_GetTextRenderMode(object) === INVISIBLE_MODE || size * scale < READABLE_SIZE_MIN,
    isWhite: fill !== undefined && isWhiteColour(fill),
  }
}

function isHidden(style: TextStyle, box: Box, objects: PageObjects): boolean {
  if (style.isInvisible) return true
  if (!style.isWhite) return false
  const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2]
  return !objects.dark.some((dark) => x >= dark.left && x <= dark.right && y >= dark.top && y <= dark.bottom)
}

class WordBuilder {
  readonly #words: PlacedWord[] = []
  #word: { text: string; box: Box; gap: PlacedWord['gap'] } | undefined
  #gap: PlacedWord['gap'] = ''
  #line: Box | undefined

  add({ text, box }: Character): void {
    if (this.#word) {
      this.#word.text += text
      this.#word.box = union(this.#word.box, box)
    } else {
      const isNewLine = this.#gap === '\n'
      const gap = isNewLine && this.#line && isParagraphGap(this.#line, box) ? '\n\n' : this.#gap
      if (isNewLine) this.#line = undefined
      this.#word = { text, box, gap }
    }
    this.#line = this.#line ? union(this.#line, box) : box
  }

  hyphen(): void {
    if (this.#word) this.#word.text += '-'
    this.breakAt(LINE_FEED)
  }

  breakAt(code: number): void {
    this.#endWord()
    if (code === LINE_FEED || code === CARRIAGE_RETURN) this.#gap = '\n'
    else if (this.#gap === '') this.#gap = ' '
  }

  finish(): PlacedWord[] {
    this.#endWord()
    return this.#words
  }

  #endWord(): void {
    if (!this.#word) return
    const { text, box, gap } = this.#word
    const place = { x: box.left, y: box.top, width: box.right - box.left, height: box.bottom - box.top }
    this.#words.push({ text: text.toWellFormed(), gap, ...place, confidence: null })
    this.#word = undefined
    this.#gap = ''
  }
}

function isParagraphGap(line: Box, next: Box): boolean {
  const height = Math.max(1, line.bottom - line.top)
  return next.top - line.bottom > height * PARAGRAPH_GAP || next.bottom < line.top - height
}

function union(a: Box, b: Box): Box {
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  }
}
