import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sniffType } from './file-type.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

const CASES: [what: string, head: Uint8Array, name: string, type: string | undefined][] = [
  ['a PDF', bytes('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'), 'a.pdf', 'pdf'],
  ['a PDF that is called a text', bytes('%PDF-1.4\n'), 'a.txt', 'pdf'],
  ['a PNG that is called a PDF', bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'a.pdf', 'png'],
  ['a JPEG without a name', bytes('\xff\xd8\xff\xe0\0\x10JFIF'), '', 'jpeg'],
  ['a TIFF of either byte order', bytes('MM\0*\0\0\0\x08'), 'scan', 'tiff'],
  ['a text', bytes('Hello.\n'), 'a.txt', 'text'],
  ['a text that is called a PDF', bytes('Hello.\n'), 'a.pdf', 'text'],
  ['a text of unknown name', bytes('key = value\n'), 'a.toml', 'text'],
  ['Latin-1', bytes('Gr\xf6\xdfe'), 'a.txt', 'text'],
  ['UTF-16 with its mark', Buffer.from('\ufeffHello', 'utf16le'), 'a.txt', 'text'],
  ['a text with a few NULs', bytes('one\0two marker and more of the same\0'), 'a.txt', 'text'],
  ['the same under no name of a text', bytes('one\0two marker and more of the same\0'), 'a.bin', undefined],
  ['Markdown', bytes('# Title\n'), 'README.md', 'markdown'],
  ['HTML by its content', bytes('<!-- x -->\n<!DOCTYPE html><p>x'), 'page', 'html'],
  ['HTML that is called Markdown', bytes('<html><p>x'), 'page.md', 'html'],
  ['an HTML fragment by its name', bytes('<p>x'), 'page.htm', 'html'],
  ['a program that is called a PDF', bytes(`\x7fELF${'\0'.repeat(60)}`), 'a.pdf', undefined],
  ['an archive', bytes('PK\x03\x04\x14\0\x06\0'), 'a.docx', undefined],
  ['a GIF', bytes('GIF89a\x01\0\x01\0\x80\0\0'), 'a.gif', undefined],
  ['rich text', bytes('{\\rtf1\\ansi Hello}'), 'a.txt', undefined],
  ['a drawing', bytes('<?xml version="1.0"?>\n<svg xmlns="x">'), 'a.xml', undefined],
  ['mail', bytes('From: a@example.org\n\nHello'), 'a.eml', undefined],
  ['nothing, by its name', bytes(''), 'a.pdf', 'pdf'],
]

for (const [what, head, name, type] of CASES) {
  test(`${what} is taken for ${type ?? 'nothing that can be read'}`, () => {
    assert.equal(sniffType(head, name), type)
  })
}
