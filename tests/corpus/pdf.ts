/** PDF files for tests of extraction, written object by object: text in any mode, pictures, turned pages, a password. */
import { createHash } from 'node:crypto'

export interface PagePlan {
  /** Content stream; `/F1` is Helvetica and `/Im` the picture. */
  content?: string | Buffer
  /** Under which the content is packed. */
  filter?: string
  picture?: GrayPicture
  /** Dictionaries. */
  annotations?: readonly string[]
  /** Degrees clockwise. */
  rotate?: 0 | 90 | 180 | 270
}

export interface GrayPicture {
  width: number
  height: number
  /** 8-bit gray rows. */
  pixels: Uint8Array
}

export const PAGE_WIDTH = 612
/** Enough for a few lines, so that recognition takes little time. */
export const PAGE_HEIGHT = 260
/** Of the first line, from the left and from the bottom. */
const FIRST_LINE = [72, PAGE_HEIGHT - 72] as const

/** Lines of text from the top, 14 points high. */
export function textLines(
  lines: readonly string[],
  options: { mode?: number; size?: number; colour?: string } = {},
): string {
  const { mode = 0, size = 14, colour = '0 g' } = options
  const escaped = lines.map((line) => line.replaceAll(/[\\()]/g, '\\$&'))
  return `BT ${colour} ${mode} Tr /F1 ${size} Tf ${size * 1.4} TL ${FIRST_LINE.join(' ')} Td ${escaped.map((line) => `(${line}) Tj T*`).join(' ')} ET`
}

/** The picture over the whole page. */
export const FULL_PAGE_PICTURE = `q ${PAGE_WIDTH} 0 0 ${PAGE_HEIGHT} 0 0 cm /Im Do Q`

export function makePdf(pages: readonly PagePlan[], options: { title?: string; password?: string } = {}): Buffer {
  const encryption = options.password === undefined ? undefined : encrypt(options.password)
  const objects: (string | [dictionary: string, stream: Buffer])[] = []
  const pageObject = (index: number) => 4 + index * 3
  objects.push('<< /Type /Catalog /Pages 2 0 R >>')
  objects.push(
    `<< /Type /Pages /Kids [${pages.map((_, index) => `${pageObject(index)} 0 R`).join(' ')}] /Count ${pages.length} >>`,
  )
  objects.push('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>')
  for (const [index, { content = '', filter, picture, annotations = [], rotate = 0 }] of pages.entries()) {
    const number = pageObject(index)
    const resources = `<< /Font << /F1 3 0 R >> /XObject << /Im ${number + 2} 0 R >> >>`
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${PAGE_WIDTH} ${PAGE_HEIGHT}] /Rotate ${rotate} /Contents ${number + 1} 0 R /Resources ${resources} /Annots [${annotations.join(' ')}] >>`,
      [filter ? `/Filter ${filter}` : '', typeof content === 'string' ? Buffer.from(content, 'latin1') : content],
      pictureObject(picture ?? { width: 1, height: 1, pixels: Uint8Array.of(255) }),
    )
  }
  objects.push(`<< /Title (${options.title ?? ''}) >>`)
  return assemble(objects, encryption)
}

function pictureObject({ width, height, pixels }: GrayPicture): [string, Buffer] {
  return [
    `/Type /XObject /Subtype /Image /Width ${width} /Height ${height} /ColorSpace /DeviceGray /BitsPerComponent 8`,
    Buffer.from(pixels),
  ]
}

function assemble(objects: readonly (string | [string, Buffer])[], encryption: Encryption | undefined): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1')]
  const offsets: number[] = []
  for (const [index, object] of objects.entries()) {
    offsets.push(parts.reduce((sum, part) => sum + part.length, 0))
    parts.push(Buffer.from(`${index + 1} 0 obj\n`))
    if (typeof object === 'string') parts.push(Buffer.from(object, 'latin1'))
    else {
      const stream = encryption ? encryption.cipher(index + 1, object[1]) : object[1]
      parts.push(
        Buffer.from(`<< ${object[0]} /Length ${stream.length} >>\nstream\n`),
        stream,
        Buffer.from('\nendstream'),
      )
    }
    parts.push(Buffer.from('\nendobj\n'))
  }
  const start = parts.reduce((sum, part) => sum + part.length, 0)
  const entries = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  // Strings of an encrypted file would have to be encrypted too, so its information is left out.
  const more = encryption ? encryption.trailer : `/Info ${objects.length} 0 R`
  parts.push(
    Buffer.from(
      `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${entries}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${more} >>\nstartxref\n${start}\n%%EOF\n`,
    ),
  )
  return Buffer.concat(parts)
}

interface Encryption {
  trailer: string
  cipher(object: number, bytes: Buffer): Buffer
}

/** The standard security handler in its oldest form (ISO 32000-1, 7.6.3, revision 2: RC4 with 40 bits). */
function encrypt(password: string): Encryption {
  const padded = Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32)
  const id = Buffer.alloc(16, 7)
  const permissions = Buffer.from([0xfc, 0xff, 0xff, 0xff])
  const owner = rc4(md5(padded).subarray(0, 5), padded)
  const key = md5(padded, owner, permissions, id).subarray(0, 5)
  const user = rc4(key, PADDING)
  const hex = (bytes: Buffer) => `<${bytes.toString('hex')}>`
  return {
    trailer: `/Encrypt << /Filter /Standard /V 1 /R 2 /O ${hex(owner)} /U ${hex(user)} /P -4 >> /ID [${hex(id)} ${hex(id)}]`,
    cipher: (object, bytes) => rc4(md5(key, Buffer.from([object & 255, object >> 8, 0, 0, 0])).subarray(0, 10), bytes),
  }
}

const PADDING = Buffer.from('28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a', 'hex')

function md5(...parts: Buffer[]): Buffer {
  return createHash('md5').update(Buffer.concat(parts)).digest()
}

function rc4(key: Buffer, bytes: Buffer): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, index) => index)
  const swap = (a: number, b: number) => {
    const kept = state[a]!
    state[a] = state[b]!
    state[b] = kept
  }
  for (let i = 0, j = 0; i < 256; i++) {
    j = (j + state[i]! + key[i % key.length]!) & 255
    swap(i, j)
  }
  let [i, j] = [0, 0]
  return Buffer.from(
    bytes.map((byte) => {
      i = (i + 1) & 255
      j = (j + state[i]!) & 255
      swap(i, j)
      return byte ^ state[(state[i]! + state[j]!) & 255]!
    }),
  )
}
