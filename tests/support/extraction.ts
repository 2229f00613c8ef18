/** What the tests of extraction share: documents written to a folder of their own, read through the door. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import sharp from 'sharp'
import {
  type ExtractedPage,
  type ExtractionEvent,
  type ExtractionRequest,
  extract,
  renderPage,
  sniffType,
  type Word,
} from '../../src/extraction.ts'
import { type GrayPicture, makePdf, textLines } from '../corpus/pdf.ts'

const folder = mkdtempSync(join(tmpdir(), 'knowbot-extraction-'))
after(() => rmSync(folder, { recursive: true }))

export const SCANNED = [
  'The harbour library opens at nine on weekdays.',
  'Nobody may take the reading lamp out of the hall',
  'without a note from the keeper of the keys.',
  'Three of the seventeen shelves still lack labels.',
  'Lost property is kept for six weeks in the cellar.',
]

/** `SCANNED` as a scanner would deliver it, as a PNG file and as its pixels. */
export async function makeScan(): Promise<{ png: Buffer; picture: GrayPicture }> {
  const path = await save(makePdf([{ content: textLines(SCANNED) }]))
  const png = await sharp(await renderPage(requestFor(path, 'pdf'), 1, 1534))
    .png()
    .toBuffer()
  return { png, picture: await grayOf(png) }
}

export async function read(
  name: string,
  content: Buffer,
  more: Partial<ExtractionRequest> = {},
): Promise<ExtractionEvent[]> {
  const type = sniffType(content.subarray(0, 4096), name)
  assert.ok(type, `no type for ${name}`)
  return Array.fromAsync(extract({ ...requestFor(await save(content), type), name, ...more }))
}

export async function onlyPage(
  name: string,
  content: Buffer,
  more: Partial<ExtractionRequest> = {},
): Promise<ExtractedPage> {
  const events = await read(name, content, more)
  assert.deepEqual(
    events.map((event) => event.kind),
    ['opened', 'page'],
    JSON.stringify(events),
  )
  return pagesOf(events)[0]!
}

export async function save(content: Buffer): Promise<string> {
  const path = join(await mkdtemp(join(folder, 'case-')), 'document')
  await writeFile(path, content)
  return path
}

export function requestFor(path: string, type: ExtractionRequest['type']): ExtractionRequest {
  return { path, type, name: 'document', signal: new AbortController().signal, temporaryFolder: folder }
}

export async function grayOf(picture: Buffer): Promise<GrayPicture> {
  const { data, info } = await sharp(picture).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, pixels: data }
}

/** Children of this process that read documents. */
export async function readers(): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const found = await Promise.all(
    pids.map(async (pid) => {
      const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '')
      const isOurs = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === process.pid
      const command = isOurs ? await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '') : ''
      return command.includes('extraction/child.ts') ? [pid] : []
    }),
  )
  return found.flat()
}

/** Signals the readers that run now; answers which they were. */
export async function endReaders(signal: NodeJS.Signals): Promise<number[]> {
  const pids = await readers()
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch {
      // It ended meanwhile.
    }
  }
  return pids
}

export function pagesOf(events: readonly ExtractionEvent[]): ExtractedPage[] {
  return events.flatMap((event) => (event.kind === 'page' ? [event.page] : []))
}

export function summary(events: readonly ExtractionEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind === 'opened') return []
    return event.kind === 'page' ? `${event.page.number} ${event.page.source}` : `${event.number} ${event.code}`
  })
}

/** Lines without those that only part paragraphs: how far lines stand apart is not what these tests are about. */
export function linesOf(page: ExtractedPage): string {
  return page.text.replaceAll(/\n+/g, '\n')
}

export function textOf(page: ExtractedPage, word: Word): string {
  return page.text.slice(word.start, word.end)
}

export function assertNear(
  word: Word,
  box: { x: number; y: number; width: number; height: number },
  tolerance: number,
): void {
  for (const side of ['x', 'y', 'width', 'height'] as const) {
    assert.ok(Math.abs(word[side] - box[side]) <= tolerance, `${side}: expected about ${box[side]}, got ${word[side]}`)
  }
}
