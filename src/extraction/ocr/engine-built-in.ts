/** The recognition that comes along: Tesseract as WebAssembly, called here in the extractor, without threads and downloads. */
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { type WasmFile, wasmFile } from '../wasm.ts'
import type { Engine } from './engine.ts'
import { type GrayFile, GrayReader } from './gray-file.ts'
import { readTsv } from './tsv.ts'

export const BUILT_IN_LANGUAGES = ['eng']

/** What is used of the module; it brings no types. */
interface Core {
  FS: { writeFile(path: string, data: Uint8Array): void; unlink(path: string): void }
  _malloc(bytes: number): number
  _free(pointer: number): void
  TessBaseAPI: new () => Api
}

interface Api {
  Init(folder: string, language: string, mode: number): number
  SetVariable(name: string, value: string): boolean
  SetPageSegMode(mode: number): void
  SetImage(pixels: number, width: number, height: number, bytesPerPixel: number, bytesPerRow: number): void
  SetSourceResolution(dpi: number): void
  Recognize(monitor: null): number
  GetTSVText(page: number): string
  Clear(): void
  End(): void
}

const LSTM_ONLY = 1
const WHOLE_PAGE = 3
const DPI = 300

export async function openBuiltInEngine(): Promise<Engine> {
  const require = createRequire(import.meta.url)
  const file = wasmFile(require.resolve('tesseract.js-core/tesseract-core-simd-lstm.wasm'))
  const core = await loadCore(require, file)
  const api = new core.TessBaseAPI()
  core.FS.writeFile('/eng.traineddata', await loadData())
  if (api.Init('/', 'eng', LSTM_ONLY) !== 0) throw new Error('The built-in text recognition did not start.')
  core.FS.unlink('/eng.traineddata')
  api.SetPageSegMode(WHOLE_PAGE)
  return {
    kind: 'built-in',
    read: async (image) => {
      const pixels = await loadPixels(core, file, image)
      try {
        api.SetImage(pixels, image.width, image.height, 1, image.width)
        api.SetSourceResolution(DPI)
        if (api.Recognize(null) !== 0) throw new Error('The built-in text recognition failed.')
        return readTsv(api.GetTSVText(0))
      } finally {
        api.Clear()
        core._free(pixels)
      }
    },
    // Orientation needs another engine and another data file, which do not come along.
    findTurn: async () => undefined,
    async [Symbol.asyncDispose]() {
      api.End()
    },
  }
}

async function loadCore(require: NodeJS.Require, file: WasmFile): Promise<Core> {
  const create: (options: object) => Promise<Core> = require('tesseract.js-core/tesseract-core-simd-lstm.js')
  return create({
    instantiateWasm: file.instantiateWasm,
    TesseractProgress() {},
    print() {},
    printErr: (text: string) => process.stderr.write(`${text}\n`),
  })
}

/** The integer model: as good as the floating-point one here, and a quarter of its size. */
async function loadData(): Promise<Uint8Array> {
  const folder = dirname(createRequire(import.meta.url).resolve('@tesseract.js-data/eng/package.json'))
  return promisify(gunzip)(await readFile(join(folder, '4.0.0_best_int', 'eng.traineddata.gz')))
}

/** The rows go from the file straight into the memory of the module. */
async function loadPixels(core: Core, file: WasmFile, image: GrayFile): Promise<number> {
  const pointer = core._malloc(image.width * image.height)
  if (pointer === 0) throw new Error('Out of memory in the built-in text recognition.')
  await using reader = await GrayReader.open(image)
  for await (const { y, rows } of reader.pieces()) file.heap().set(rows, pointer + y * image.width)
  return pointer
}
