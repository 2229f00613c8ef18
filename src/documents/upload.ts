/** A stream of foreign bytes to a kept original: bounded, hashed on the way, refused as soon as a reason is known. */
import { KnowBotError } from '../errors.ts'
import { DOCUMENT_TYPES, type DocumentType, SNIFF_BYTES, sniffType } from '../extraction.ts'
import { MIB, printBytes } from '../lib/units.ts'
import type { BlobWriter, Storage } from '../storage.ts'
import { cleanFileName } from './file-name.ts'

export interface Upload {
  name: string
  stream: AsyncIterable<Uint8Array>
  /** Size of the file as the client tells it, if it does. */
  declaredBytes?: number
}

export interface Received {
  name: string
  type: DocumentType
  bytes: number
  sha256: string
}

/** Several uploads share the disk, so that the room is looked at again and again. */
const ROOM_CHECK_BYTES = 8 * MIB

/** `assertWanted` is asked when all has come, before it is kept. */
export async function receive(
  storage: Storage,
  upload: Upload,
  bytesMax: number,
  assertWanted: () => void,
): Promise<Received> {
  const { declaredBytes = 0 } = upload
  const name = cleanFileName(upload.name)
  if (declaredBytes > bytesMax) throw tooLarge(name, printBytes(declaredBytes), bytesMax)
  await storage.space.assertRoom(declaredBytes)

  await using writer = await storage.blobs.create()
  const type = await writeAll(storage, writer, upload.stream, name, bytesMax)
  if (writer.bytes === 0)
    throw new KnowBotError('document_empty', `Expected a document, got a file of 0 bytes: ${name}.`)
  assertWanted()
  return { name, type, ...(await writer.keep()) }
}

/** Writes the stream; answers the type, which is known after its first 4 KB. */
async function writeAll(
  storage: Storage,
  writer: BlobWriter,
  stream: AsyncIterable<Uint8Array>,
  name: string,
  bytesMax: number,
): Promise<DocumentType> {
  let head: Uint8Array | undefined = new Uint8Array()
  let type: DocumentType | undefined
  let roomCheckedAt = 0
  for await (const chunk of stream) {
    if (writer.bytes + chunk.byteLength > bytesMax) throw tooLarge(name, 'more', bytesMax)
    if (head) {
      head = joinHead(head, chunk)
      if (head.byteLength >= SNIFF_BYTES) {
        type = typeOrRefusal(head, name)
        head = undefined
      }
    }
    await writer.write(chunk)
    if (writer.bytes - roomCheckedAt >= ROOM_CHECK_BYTES) {
      roomCheckedAt = writer.bytes
      await storage.space.assertRoom(0)
    }
  }
  return type ?? typeOrRefusal(head ?? new Uint8Array(), name)
}

function joinHead(head: Uint8Array, chunk: Uint8Array): Uint8Array {
  return Buffer.concat([head, chunk.subarray(0, SNIFF_BYTES - head.byteLength)])
}

function typeOrRefusal(head: Uint8Array, name: string): DocumentType {
  const type = sniffType(head, name)
  if (type) return type
  const message = `Expected one of ${Object.keys(DOCUMENT_TYPES).join(', ')}; the content of ${name} is none of them.`
  throw new KnowBotError('unsupported_file_type', message)
}

function tooLarge(name: string, got: string, bytesMax: number): KnowBotError {
  const message = `Expected at most ${printBytes(bytesMax)} (the setting upload-max), got ${got}: ${name}.`
  return new KnowBotError('document_too_large', message)
}
