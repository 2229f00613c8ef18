/**
 * `multipart/form-data` (RFC 7578; the framing is RFC 2046 §5.1.1), read as it comes and pulled by whoever reads: a part begins, then come
 * its bytes. Bytes are handed on as they came, without a copy. Why not by a library: docs/decisions/0031-forms-are-read-by-pulling.md.
 */
import { KIB } from '../lib/units.ts'

export interface Part {
  name: string
  /** Undefined where the part is a field. */
  filename: string | undefined
}

/** The sender's framing is wrong; the message says how, as the end of "got one …". */
export class MalformedForm extends Error {
  override readonly name = 'MalformedForm'
}

const PART_HEAD_BYTES_MAX = 16 * KIB
/** Before the first boundary and behind the last one, where nobody sends anything. */
const OUTSIDE_BYTES_MAX = 64 * KIB
/** RFC 2046 §5.1.1 */
const BOUNDARY = /^[\w'()+,./:=? -]{1,70}$/
const CR = 13
const DASH = 45

/**
 * The parts of a form, each followed by its bytes in pieces of any size but 0, which belong to whoever takes them. It ends when the body
 * ends behind the last boundary. Throws `MalformedForm`, and what the body throws.
 */
export async function* readParts(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
): AsyncGenerator<Part | Uint8Array, void, void> {
  const delimiter = Buffer.from(`\r\n--${boundary}`)
  let state: 'preamble' | 'head' | 'content' | 'epilogue' = 'preamble'
  // The line break that belongs to a delimiter is missing before the first one.
  let rest: Buffer = Buffer.from('\r\n')
  let outsideBytes = 0
  for await (const piece of body) {
    let bytes: Buffer = joined(rest, piece)
    rest = NOTHING
    while (bytes.byteLength > 0) {
      if (state === 'epilogue') {
        outsideBytes += bytes.byteLength
        bytes = NOTHING
      } else if (state === 'head') {
        const { part, taken } = takeHead(bytes)
        if (taken === 0) {
          rest = Buffer.from(bytes)
          break
        }
        bytes = bytes.subarray(taken)
        state = part ? 'content' : 'epilogue'
        if (part) yield part
      } else {
        const at = bytes.indexOf(delimiter)
        const isOver = at !== -1
        const end = isOver ? at : bytes.byteLength - beginningAtEnd(bytes, delimiter)
        const content = state === 'content' ? bytes.subarray(0, end) : NOTHING
        if (state === 'preamble') outsideBytes += end
        // Before they are handed on: whoever takes them may give their memory back.
        if (isOver) state = 'head'
        else rest = Buffer.from(bytes.subarray(end))
        bytes = isOver ? bytes.subarray(at + delimiter.byteLength) : NOTHING
        if (content.byteLength > 0) yield content
      }
    }
    if (outsideBytes > OUTSIDE_BYTES_MAX) throw new MalformedForm('with something else around its parts')
  }
  if (state !== 'epilogue') throw new MalformedForm('that ends before its last boundary')
}

/** What stands behind a delimiter: the headers of a part, or the two dashes of the last one. Takes nothing where more must come. */
function takeHead(bytes: Buffer): { part?: Part; taken: number } {
  if (bytes[0] === DASH && bytes[1] === DASH) return { taken: 2 }
  const end = bytes.indexOf(HEAD_END)
  if (end !== -1) return { part: readHead(bytes.toString('utf8', 0, end)), taken: end + HEAD_END.byteLength }
  if (bytes.byteLength > PART_HEAD_BYTES_MAX) throw new MalformedForm('whose parts have no end of their headers')
  return { taken: 0 }
}

const NOTHING = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n')

function joined(rest: Buffer, piece: Uint8Array): Buffer {
  if (rest.byteLength > 0) return Buffer.concat([rest, piece])
  return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)
}

/** How many of the last bytes may begin a delimiter that goes on in what comes next. It has one CR, at its beginning. */
function beginningAtEnd(bytes: Buffer, delimiter: Buffer): number {
  const from = bytes.lastIndexOf(CR)
  const length = bytes.byteLength - from
  if (from === -1 || length >= delimiter.byteLength) return 0
  return bytes.subarray(from).equals(delimiter.subarray(0, length)) ? length : 0
}

/** The lines between a delimiter and the empty line. The first is what stands behind the delimiter: nothing, or white space. */
function readHead(text: string): Part {
  const [behind = '', ...lines] = text.split('\r\n')
  if (behind.trim() !== '') throw new MalformedForm('with a boundary that goes on')
  const headers = new Map(lines.map(readHeader))
  const { value, parameters } = readParameters(headers.get('content-disposition') ?? '')
  const name = parameters.get('name')
  if (value !== 'form-data' || name === undefined) throw new MalformedForm('with a part that has no name')
  // Programs that know no name of the file tell at least that it is one.
  const isFile = headers.get('content-type')?.toLowerCase() === 'application/octet-stream'
  return { name, filename: filenameOf(parameters) ?? (isFile ? '' : undefined) }
}

function readHeader(line: string): [name: string, value: string] {
  const [, name = '', value = ''] = HEADER.exec(line) ?? []
  if (name === '') throw new MalformedForm('with a part whose headers are none')
  return [name.toLowerCase(), value.trim()]
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: a header has none (RFC 9110 §5.5), but for tabs.
const HEADER = /^([\w!#$%&'*+.^`|~-]+):([^\0-\x08\n-\x1f\x7f]*)$/

function filenameOf(parameters: ReadonlyMap<string, string>): string | undefined {
  const plain = parameters.get('filename')
  // Not for forms (RFC 7578 §4.2), and sent all the same by programs that know it from downloads (RFC 8187).
  const extended = /^utf-8'[^']*'(.*)$/i.exec(parameters.get('filename*') ?? '')?.[1]
  if (extended === undefined) return plain
  try {
    return decodeURIComponent(extended)
  } catch {
    return plain // What cannot be decoded names nothing.
  }
}

/** `form-data; name="file"; filename="a.txt"` */
function readParameters(header: string): { value: string; parameters: ReadonlyMap<string, string> } {
  const [value = ''] = header.split(';', 1)
  const parameters = new Map<string, string>()
  for (const [, name = '', quoted, token = ''] of header.slice(value.length).matchAll(PARAMETER))
    parameters.set(name.toLowerCase(), quoted?.replace(/\\(["\\])/g, '$1') ?? token)
  return { value: value.trim().toLowerCase(), parameters }
}

const PARAMETER = /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g

/** The boundary that a `Content-Type: multipart/form-data` names. Throws `MalformedForm` where it names none that may be. */
export function boundaryOf(contentType: string): string {
  const boundary = readParameters(contentType).parameters.get('boundary')
  if (boundary === undefined || !BOUNDARY.test(boundary) || boundary.endsWith(' '))
    throw new MalformedForm('without a boundary')
  return boundary
}
