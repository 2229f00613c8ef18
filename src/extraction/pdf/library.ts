/**
 * PDFium, behind the few calls that reading needs. The file is read through a callback: in the module's memory, which
 * never shrinks, a scan of 80 MB would stay for good.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { init, type WrappedPdfiumModule } from '@embedpdf/pdfium'
import { KnowBotError } from '../../errors.ts'
import { type WasmFile, wasmFile } from '../wasm.ts'

export type Pdfium = WrappedPdfiumModule & Pick<WasmFile, 'heap'>

/** What `FPDF_GetLastError` answers after a failed opening. */
const PASSWORD_ERROR = 4
/** Fields of 4 bytes: length, function, parameter. */
const FILE_ACCESS_BYTES = 12

export async function loadPdfium(): Promise<Pdfium> {
  const file = wasmFile(createRequire(import.meta.url).resolve('@embedpdf/pdfium/pdfium.wasm'))
  const module = await init({ instantiateWasm: file.instantiateWasm } as Parameters<typeof init>[0])
  module.PDFiumExt_Init()
  return Object.assign(module, { heap: file.heap })
}

export class PdfDocument {
  readonly pdfium: Pdfium
  readonly handle: number
  readonly #release: () => void

  private constructor(pdfium: Pdfium, handle: number, release: () => void) {
    this.pdfium = pdfium
    this.handle = handle
    this.#release = release
  }

  static open(pdfium: Pdfium, path: string, password: string | null, name: string): PdfDocument {
    const source = openSource(pdfium, path)
    const handle = pdfium.FPDF_LoadCustomDocument(source.pointer, password ?? '')
    if (handle !== 0) return new PdfDocument(pdfium, handle, source.release)
    const error = pdfium.FPDF_GetLastError()
    source.release()
    if (error !== PASSWORD_ERROR) {
      throw new KnowBotError(
        'document_damaged',
        `Expected a PDF, got a file that breaks off or contradicts itself: ${name}.`,
      )
    }
    if (password === null)
      throw new KnowBotError('password_needed', `The document needs a password to be opened: ${name}.`)
    throw new KnowBotError('wrong_password', `The document did not open with this password: ${name}.`)
  }

  get pageCount(): number {
    return this.pdfium.FPDF_GetPageCount(this.handle)
  }

  /** In points, before the page is loaded; undefined where there is none. */
  pageSize(index: number): { width: number; height: number } | undefined {
    const { pdfium, handle } = this
    const size = readNumbers(pdfium, 'float', 2, (pointer) => pdfium.FPDF_GetPageSizeByIndexF(handle, index, pointer!))
    return size && { width: size[0]!, height: size[1]! }
  }

  get title(): string | null {
    return withMemory(this.pdfium, 2048, (pointer, bytes) => {
      const written = this.pdfium.FPDF_GetMetaText(this.handle, 'Title', pointer, bytes)
      if (written <= 2 || written > bytes) return null
      const title = Buffer.from(this.pdfium.heap().subarray(pointer, pointer + written - 2))
        .toString('utf16le')
        .toWellFormed()
        .replaceAll('\0', '')
        .trim()
      return title === '' ? null : title
    })
  }

  [Symbol.dispose](): void {
    this.pdfium.FPDF_CloseDocument(this.handle)
    this.#release()
  }
}

function openSource(pdfium: Pdfium, path: string): { pointer: number; release: () => void } {
  const module = pdfium.pdfium
  const descriptor = openSync(path, 'r')
  const readBlock = (_parameter: number, position: number, pointer: number, bytes: number) => {
    // Both numbers are unsigned, but arrive as signed ones.
    const [start, length] = [position >>> 0, bytes >>> 0]
    const target = pdfium.heap().subarray(pointer >>> 0, (pointer >>> 0) + length)
    return readSync(descriptor, target, 0, length, start) === length ? 1 : 0
  }
  const callback = module.addFunction(readBlock, 'iiiii')
  const pointer = module.wasmExports.malloc(FILE_ACCESS_BYTES)
  module.setValue(pointer, fstatSync(descriptor).size, 'i32')
  module.setValue(pointer + 4, callback, 'i32')
  module.setValue(pointer + 8, 0, 'i32')
  const release = () => {
    module.wasmExports.free(pointer)
    module.removeFunction(callback)
    closeSync(descriptor)
  }
  return { pointer, release }
}

/** Lends memory of the module for one call. */
export function withMemory<T>({ pdfium }: Pdfium, bytes: number, use: (pointer: number, bytes: number) => T): T {
  const pointer = pdfium.wasmExports.malloc(bytes)
  if (pointer === 0) throw new Error('Out of memory in PDFium.')
  try {
    return use(pointer, bytes)
  } finally {
    pdfium.wasmExports.free(pointer)
  }
}

/** `count` numbers that a call writes one behind the other; undefined when it answers that it failed. */
export function readNumbers(
  pdfium: Pdfium,
  kind: 'float' | 'double' | 'i32',
  count: number,
  call: (...pointers: number[]) => boolean | number,
): number[] | undefined {
  const size = kind === 'double' ? 8 : 4
  return withMemory(pdfium, size * count, (start) => {
    const pointers = Array.from({ length: count }, (_, index) => start + index * size)
    if (!call(...pointers)) return undefined
    return pointers.map((pointer) => pdfium.pdfium.getValue(pointer, kind))
  })
}
