/** Process 4, the extractor: reads one document for the door (`protocol.ts`), then ends. Nothing of ours calls into it. */
import { stat } from 'node:fs/promises'
import { flushCompileCache } from 'node:module'
import process from 'node:process'
import { KnowBotError, toKnowBotError } from '../errors.ts'
import { MIB } from '../lib/units.ts'
import type { DocumentType } from './file-type.ts'
import type { Headers } from './need.ts'
import { isMemoryDeath } from './ocr/memory.ts'
import { type FromExtractor, PAGES_AHEAD, type ReaderRequest, type ToExtractor } from './protocol.ts'
import type { Reader } from './reader.ts'
import { hasRefusedMemory, limitWasmMemory } from './wasm.ts'

process.on('disconnect', () => process.exit(0)) // The door is gone: nobody waits for pages.
process.on('message', (message: ToExtractor) => {
  if (message.kind === 'more') permits.add()
  else void read(message.request).then(() => process.disconnect())
})

// Node starts the threads of its pool together, with the first work for them, and ends the process where the kernel has none left:
// before the document is there, so that the document is not to blame.
void stat(process.execPath).then(() => send({ kind: 'ready' }))

/** The first page is read at once, each further one by permit, so that a page is begun only when the door will soon want it. */
const permits = {
  count: PAGES_AHEAD,
  waiting: undefined as (() => void) | undefined,
  add() {
    this.count++
    this.waiting?.()
  },
  async take() {
    if (this.count === 0)
      await new Promise<void>((resolve) => {
        this.waiting = resolve
      })
    this.count--
  },
}

/** Where nobody sets a limit: recognising a page of 50 megapixels takes 260 MB, any honest PDF less. */
const WASM_BYTES_MAX = 512 * MIB

/** What this process holds itself, beside a module's memory. */
const NODE_BYTES = 30 * MIB

async function read(request: ReaderRequest): Promise<void> {
  try {
    const { memoryBytesMax } = request.limits
    limitWasmMemory(memoryBytesMax === null ? WASM_BYTES_MAX : Math.max(0, memoryBytesMax - NODE_BYTES))
    const startPage = (page: number, wallMs: number, cpuMs = 0) => void send({ kind: 'working', page, wallMs, cpuMs })
    startPage(0, request.limits.pageWallMsMax)
    if (request.render) {
      const { writePageImage } = await import('./page-image.ts')
      await writePageImage(request, request.render)
      await send({ kind: 'done' })
      return
    }
    if (request.isProbe) {
      await send({ kind: 'examined', headers: await examine(request) })
      return
    }
    const reader = await loadReader(request.type)
    // Readers end by a signal as a rule, and would leave nothing for the next one: stripping types cold costs it 31 MB.
    flushCompileCache()
    for await (const event of reader({ ...request, startPage })) {
      await send({ kind: 'event', event })
      if (event.kind !== 'opened') await permits.take()
    }
    await send({ kind: 'done' })
  } catch (error) {
    await send(outcomeOf(error))
  }
}

/** Of what is read as a stream there is nothing to be seen in advance. */
async function examine(request: ReaderRequest): Promise<Headers> {
  switch (request.type) {
    case 'pdf':
      return (await import('./pdf.ts')).examinePdf(request)
    case 'png':
    case 'jpeg':
    case 'tiff':
      return (await import('./image.ts')).examineImage(request)
    default:
      return { pixels: 0, width: 0, decodingBytes: 0 }
  }
}

/** Each reader brings its own packages, so only the one that is needed is loaded. */
async function loadReader(type: DocumentType): Promise<Reader> {
  switch (type) {
    case 'text':
      return (await import('./plain-text.ts')).readPlainText
    case 'markdown':
      return (await import('./plain-text.ts')).readMarkdown
    case 'html':
      return (await import('./html.ts')).readHtml
    case 'pdf':
      return (await import('./pdf.ts')).readPdf
    case 'png':
    case 'jpeg':
    case 'tiff':
      return (await import('./image.ts')).readImage
  }
}

function outcomeOf(error: unknown): FromExtractor {
  if (hasRefusedMemory() || isMemoryDeath(error)) {
    return {
      kind: 'worn',
      code: 'out_of_memory',
      message: 'Reading this page needs more memory than may be used for it.',
    }
  }
  if (error instanceof KnowBotError) return { kind: 'failed', code: error.code, message: error.message }
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`)
  return { kind: 'worn', code: 'reader_crashed', message: toKnowBotError(error).message }
}

/** Resolves when the message has left, so that ending does not lose it. */
function send(message: FromExtractor): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()))
}
