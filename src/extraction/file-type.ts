/** The kind of a file by its first bytes, then by its name. Pure, without packages: a web worker asks before it stores. */

interface TypeFacts {
  /** The first one is what the file is served as. */
  mimeTypes: readonly string[]
  extensions: readonly string[]
}

export const DOCUMENT_TYPES = {
  text: {
    mimeTypes: ['text/plain'],
    extensions: ['txt', 'text', 'log', 'csv', 'tsv', 'json', 'xml', 'yaml', 'yml', 'ini', 'conf', 'tex', 'rst', 'org'],
  },
  markdown: { mimeTypes: ['text/markdown'], extensions: ['md', 'markdown', 'mdown', 'mkd'] },
  html: { mimeTypes: ['text/html', 'application/xhtml+xml'], extensions: ['html', 'htm', 'xhtml'] },
  pdf: { mimeTypes: ['application/pdf'], extensions: ['pdf'] },
  png: { mimeTypes: ['image/png'], extensions: ['png'] },
  jpeg: { mimeTypes: ['image/jpeg'], extensions: ['jpg', 'jpeg', 'jpe', 'jfif'] },
  tiff: { mimeTypes: ['image/tiff'], extensions: ['tif', 'tiff'] },
} as const satisfies Record<string, TypeFacts>

export type DocumentType = keyof typeof DOCUMENT_TYPES

/** So many first bytes are enough. */
export const SNIFF_BYTES = 4096

/** Type by content, then by name; undefined is a file that nothing here reads. An empty file goes by its name. */
export function sniffType(head: Uint8Array, name: string): DocumentType | undefined {
  const bytes = head.subarray(0, SNIFF_BYTES)
  const named = typeByName(name)
  if (bytes.length === 0) return named ?? 'text'
  const binary = typeByMagic(bytes)
  if (binary) return binary
  if (!looksLikeText(bytes, isTextual(named))) return undefined
  const start = latin1(bytes, 1024)
  if (startsUnreadableText(start, name)) return undefined
  if (named === 'html' || HTML_START.test(start)) return 'html'
  return named === 'markdown' ? 'markdown' : 'text'
}

function typeByName(name: string): DocumentType | undefined {
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase()
  if (!extension) return undefined
  const found = Object.entries(DOCUMENT_TYPES).find(([, facts]) =>
    (facts.extensions as readonly string[]).includes(extension),
  )
  return found?.[0] as DocumentType | undefined
}

function isTextual(type: DocumentType | undefined): boolean {
  return type === 'text' || type === 'markdown' || type === 'html'
}

function typeByMagic(bytes: Uint8Array): DocumentType | undefined {
  if (startsWith(bytes, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'png'
  if (startsWith(bytes, [0xff, 0xd8, 0xff])) return 'jpeg'
  if (startsWith(bytes, [0x49, 0x49, 0x2a, 0x00]) || startsWith(bytes, [0x4d, 0x4d, 0x00, 0x2a])) return 'tiff'
  // Readers accept a PDF whose header comes late (ISO 32000-1, annex H.3.4.1: within the first 1024 bytes). A line of text
  // or mail that speaks of PDF is none: whatever stands before must not be more than a few lines.
  if (PDF_START.test(latin1(bytes, 1024))) return 'pdf'
  return undefined
}

const PDF_START = /^(?:\ufeff|ï»¿)?[\s\S]{0,1000}?%PDF-\d/
const HTML_START =
  /^(?:ï»¿)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,900}?-->\s*)*<(?:!doctype\s+html|html|head|body|title)\b/i
// Text by its bytes, but what a person would read is packed inside: rich text, PostScript, drawings, mail and web archives.
const UNREADABLE_TEXT =
  /^(?:ï»¿)?\s*(?:\{\\rtf|%!PS|(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]{0,900}?-->\s*)*(?:<!doctype\s+svg|<svg)\b|From \S+ \w{3} \w{3} )/i
const UNREADABLE_NAMES = /\.(?:rtf|eml|mbox|msg|mht|mhtml|svg|ps|eps|fodt|fods|fodp)$/i

function startsUnreadableText(start: string, name: string): boolean {
  return UNREADABLE_NAMES.test(name) || UNREADABLE_TEXT.test(start)
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte)
}

function latin1(bytes: Uint8Array, bytesMax: number): string {
  return String.fromCharCode(...bytes.subarray(0, bytesMax))
}

const BOMS = [
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
] as const
const TAB = 0x09
const CARRIAGE_RETURN = 0x0d
const ESCAPE = 0x1b // ISO-2022 encodings switch their alphabets with it.
const SPACE = 0x20
const DELETE = 0x7f

/** Text in some encoding: hardly any control characters, and NUL only as a slip in a file that calls itself text. */
function looksLikeText(bytes: Uint8Array, calledText: boolean): boolean {
  if (BOMS.some((bom) => startsWith(bytes, bom))) return true
  let nuls = 0
  let controls = 0
  for (const byte of bytes) {
    if (byte === 0) nuls++
    else if ((byte < SPACE && (byte < TAB || byte > CARRIAGE_RETURN) && byte !== ESCAPE) || byte === DELETE) controls++
  }
  return nuls <= (calledText ? bytes.length * 0.1 : 0) && controls <= bytes.length * 0.02
}
