import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanFileName } from './file-name.ts'

const NAMES: [string, string][] = [
  ['report.pdf', 'report.pdf'],
  ['../../etc/passwd', 'passwd'],
  ['C:\\Users\\me\\scan.tiff', 'scan.tiff'],
  ['..', 'document'],
  ['folder/', 'document'],
  ['', 'document'],
  ['a\0b\r\nc.txt', 'abc.txt'],
  ['\u202efdp.exe', 'fdp.exe'],
  ['Größe 漢字.md', 'Größe 漢字.md'],
  [`${'x'.repeat(300)}.pdf`, `${'x'.repeat(251)}.pdf`],
  [`${'x'.repeat(250)}😀😀😀.pdf`, `${'x'.repeat(250)}.pdf`],
  ['half \ud800.txt', 'half \ufffd.txt'],
  ['-rf', '-rf'],
]

for (const [given, shown] of NAMES) {
  test(`the file name ${JSON.stringify(given.slice(0, 30))} is shown as ${JSON.stringify(shown.slice(0, 30))}`, () => {
    assert.equal(cleanFileName(given), shown)
  })
}
