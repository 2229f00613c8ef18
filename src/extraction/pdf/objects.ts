/** What is drawn on a page: where pictures lie, and what may lie under white letters. */

import { KnowBotError } from '../../errors.ts'
import { readNumbers } from './library.ts'
import { apply, type Box, type Matrix, multiply, type PdfPage } from './page.ts'

export interface PageObjects {
  /** Of at least 100 × 100 pixels. */
  images: Box[]
  /** Anything that is not white, pictures included. */
  dark: Box[]
  /** Whether anything at all is drawn. */
  isEmpty: boolean
}

const OBJECTS_MAX = 1_000_000
/** Kept for the question what lies under white letters; beyond, the answer is "something". */
const DARK_BOXES_MAX = 5_000
const FORM_DEPTH_MAX = 8
const IMAGE_PIXELS_MIN = 100
const PATH = 2
const IMAGE = 3
const SHADING = 4
const FORM = 5
const IDENTITY: Matrix = [1, 0, 0, 1, 0, 0]

export function readObjects(page: PdfPage): PageObjects {
  const found: PageObjects = { images: [], dark: [], isEmpty: true }
  const { pdfium } = page
  const budget = { objects: OBJECTS_MAX }
  visit(
    page,
    pdfium.FPDFPage_CountObjects(page.handle),
    (index) => pdfium.FPDFPage_GetObject(page.handle, index),
    IDENTITY,
    0,
    budget,
    found,
  )
  return found
}

function visit(
  page: PdfPage,
  count: number,
  objectAt: (index: number) => number,
  matrix: Matrix,
  depth: number,
  budget: { objects: number },
  found: PageObjects,
): void {
  budget.objects -= count
  if (budget.objects < 0) {
    throw new KnowBotError(
      'page_unreadable',
      `Expected at most ${OBJECTS_MAX.toLocaleString('en')} objects on a page, got more.`,
    )
  }
  const { pdfium } = page
  for (let index = 0; index < count; index++) {
    const object = objectAt(index)
    const type = pdfium.FPDFPageObj_GetType(object)
    found.isEmpty = false
    if (type === IMAGE) noteImage(page, object, matrix, found)
    else if (type === PATH || type === SHADING) noteDark(page, object, matrix, type, found)
    else if (type === FORM && depth < FORM_DEPTH_MAX) {
      const own = readNumbers(pdfium, 'float', 6, (pointer) => pdfium.FPDFPageObj_GetMatrix(object, pointer!))
      const inner = own ? multiply(own as unknown as Matrix, matrix) : matrix
      visit(
        page,
        pdfium.FPDFFormObj_CountObjects(object),
        (i) => pdfium.FPDFFormObj_GetObject(object, i),
        inner,
        depth + 1,
        budget,
        found,
      )
    }
  }
}

function noteImage(page: PdfPage, object: number, matrix: Matrix, found: PageObjects): void {
  const box = boundsOf(page, object, matrix)
  if (!box) return
  addDark(found, box)
  const size = readNumbers(page.pdfium, 'i32', 2, (w, h) => page.pdfium.FPDFImageObj_GetImagePixelSize(object, w!, h!))
  if (size && size[0]! >= IMAGE_PIXELS_MIN && size[1]! >= IMAGE_PIXELS_MIN) found.images.push(box)
}

function noteDark(page: PdfPage, object: number, matrix: Matrix, type: number, found: PageObjects): void {
  if (type === PATH && isWhite(page, object)) return
  const box = boundsOf(page, object, matrix)
  if (box) addDark(found, box)
}

function addDark(found: PageObjects, box: Box): void {
  if (found.dark.length < DARK_BOXES_MAX) found.dark.push(box)
  else found.dark[DARK_BOXES_MAX - 1] = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity }
}

function isWhite(page: PdfPage, object: number): boolean {
  const fill = readNumbers(page.pdfium, 'i32', 4, (r, g, b, a) =>
    page.pdfium.FPDFPageObj_GetFillColor(object, r!, g!, b!, a!),
  )
  return fill !== undefined && isWhiteColour(fill)
}

export function isWhiteColour([red, green, blue, alpha]: readonly number[]): boolean {
  return alpha === 0 || (red! >= 250 && green! >= 250 && blue! >= 250)
}

/** Within the page; undefined when it lies outside. */
function boundsOf(page: PdfPage, object: number, matrix: Matrix): Box | undefined {
  const bounds = readNumbers(page.pdfium, 'float', 4, (l, b, r, t) =>
    page.pdfium.FPDFPageObj_GetBounds(object, l!, b!, r!, t!),
  )
  if (!bounds) return undefined
  const [left, bottom, right, top] = bounds as [number, number, number, number]
  const corners = [
    [left, bottom],
    [right, bottom],
    [left, top],
    [right, top],
  ].map(([x, y]) => apply(matrix, x!, y!))
  const xs = corners.map(([x]) => x)
  const ys = corners.map(([, y]) => y)
  const box = page.show(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys))
  const clipped = {
    left: Math.max(0, box.left),
    top: Math.max(0, box.top),
    right: Math.min(page.width, box.right),
    bottom: Math.min(page.height, box.bottom),
  }
  return clipped.right > clipped.left && clipped.bottom > clipped.top ? clipped : undefined
}
