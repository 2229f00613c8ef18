/** Bytes to characters: byte order mark, then strict UTF-8, then a declaration, then a guess from the bytes. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { canDecode, guessEncoding } from './encoding-guess.ts'

/** Enough to tell languages by; looking at it takes tens of milliseconds. */
const SAMPLE_BYTES = 32 * 1024

export interface Decoded {
  /** As TextDecoder calls it. */
  encoding: string
  chunks: AsyncIterable<string>
}

/** Reads the file twice and holds none of it. `declared` is what the content says of itself, as HTML does. */
export async function decodeFile(path: string, declared?: (head: Uint8Array) => string | undefined): Promise<Decoded> {
  const encoding = await findEncoding(path, declared)
  return { encoding, chunks: decodeChunks(path, encoding) }
}

async function findEncoding(path: string, declared?: (head: Uint8Array) => string | undefined): Promise<string> {
  const sample = await readSample(path, 0)
  const marked = encodingByMark(sample)
  if (marked) return marked
  const invalidAt = await findInvalidUtf8(path)
  if (invalidAt === undefined) return 'utf-8'
  const label = declared?.(sample)
  if (label && canDecode(label) && !/^utf-?8$/i.test(label)) return label
  // Plain ASCII may come first for long: look where the bytes begin to differ.
  const telling = await readSample(path, Math.max(0, invalidAt - SAMPLE_BYTES / 2))
  return isNearlyUtf8(telling) ? 'utf-8' : guessEncoding(telling)
}

async function readSample(path: string, position: number): Promise<Uint8Array> {
  await using file = await open(path)
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, position)
  return buffer.subarray(0, bytesRead)
}

function encodingByMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return undefined
}

/** Where, within one chunk, the file stops being UTF-8; undefined when it never does. */
async function findInvalidUtf8(path: string): Promise<number | undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let position = 0
  try {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      decoder.decode(chunk, { stream: true })
      position += chunk.length
    }
    decoder.decode()
    return undefined
  } catch (error) {
    if (error instanceof TypeError) return position // What a fatal decoder throws.
    throw error
  }
}

/** UTF-8 with a few broken places is read as such, the broken places as U+FFFD. */
function isNearlyUtf8(sample: Uint8Array): boolean {
  let broken = 0
  let whole = 0
  for (const character of new TextDecoder().decode(sample)) {
    if (character === '\ufffd') broken++
    else if (character > '\x7f') whole++
  }
  return whole >= 10 && broken <= whole * 0.05
}

async function* decodeChunks(path: string, encoding: string): AsyncIterable<string> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>)
    yield decoder.decode(chunk, { stream: true })
  yield decoder.decode()
}
