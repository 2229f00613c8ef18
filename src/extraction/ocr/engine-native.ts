/** The Tesseract program of this machine: one process a page, in the extractor's process group, so that it dies with it. */
import { spawn } from 'node:child_process'
import { canLimitData, diesWithParent } from '../../lib/cage.ts'
import { readOomKills } from '../../lib/cgroup.ts'
import { MIB } from '../../lib/units.ts'
import type { Engine, Turn } from './engine.ts'
import type { GrayFile } from './gray-file.ts'
import { readTsv } from './tsv.ts'

/** A page of dense text takes about 150 kB of TSV. */
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024
/** State it, so that the engine does not guess from a file without one. */
const DPI = '300'
/** Whoever ends it this often means it. */
const ENDED_FROM_OUTSIDE_MAX = 8

export function openNativeEngine(packs: string, canFindTurn: boolean): Engine {
  return {
    kind: 'native',
    read: async (image) => readTsv(await runTesseract(image, ['--psm', '3', '-l', packs], 'tsv')),
    findTurn: async (image) =>
      canFindTurn
        ? readOrientation(await runTesseract(image, ['--psm', '0', '-l', 'osd']).catch(tooFewCharacters))
        : undefined,
    async [Symbol.asyncDispose]() {},
  }
}

/** Orientation fails with a status when there is hardly any text, which is an answer. */
function tooFewCharacters(): string {
  return ''
}

function readOrientation(text: string): { turn: Turn; confidence: number } | undefined {
  const turn = Number(/^Rotate: (\d+)/m.exec(text)?.[1])
  const confidence = Number(/^Orientation confidence: ([\d.]+)/m.exec(text)?.[1])
  return [0, 90, 180, 270].includes(turn) ? { turn: turn as Turn, confidence } : undefined
}

async function runTesseract(image: GrayFile, options: string[], format?: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    const oomKills = readOomKills()
    const { output, status, signal, complaint } = await runOnce(image, options, format)
    if (status === 0) return output
    const isKernel = signal === 'SIGKILL' && oomKills !== undefined && readOomKills()! > oomKills
    if (isKernel) throw new Error('tesseract ended: out of memory')
    if (signal === 'SIGKILL' && oomKills !== undefined && tries < ENDED_FROM_OUTSIDE_MAX) continue
    // Without text a status is a death for lack of memory as a rule, and never a blank page.
    throw new Error(`tesseract ended with ${signal ?? status}: ${complaint.slice(-500)}`)
  }
}

async function runOnce(
  image: GrayFile,
  options: string[],
  format: string | undefined,
): Promise<{ output: string; status: number | null; signal: NodeJS.Signals | null; complaint: string }> {
  const [program, ...args] = [
    ...(diesWithParent() ? ['setpriv', '--pdeathsig', 'KILL', '--'] : []),
    ...(canLimitData() ? ['prlimit', `--data=${predictBytes(image)}`, '--'] : []),
    ...['tesseract', image.path, 'stdout', '--dpi', DPI, ...options],
    ...(format ? [format] : []),
  ]
  // Not `spawnChild`: it stays in the group of the extractor, which is what the door ends and the ledger counts.
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const complaints = collect(child.stderr, 4096)
  const output = collect(child.stdout, OUTPUT_BYTES_MAX)
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once('close', (...end) => resolve(end))
    child.once('error', reject)
  })
  return { output: output(), status, signal, complaint: complaints() }
}

/** Measured: 18 MB and 5.8 for each megapixel, up to a tenth more on dense pages. Twice that is a page gone wrong. */
function predictBytes({ width, height }: GrayFile): number {
  return Math.round((18 + 5.8 * ((width * height) / 1e6)) * 2 * MIB)
}

function collect(stream: NodeJS.ReadableStream, bytesMax: number): () => string {
  const chunks: Buffer[] = []
  let bytes = 0
  stream.on('data', (chunk: Buffer) => {
    if (bytes < bytesMax) chunks.push(chunk)
    bytes += chunk.length
  })
  return () => Buffer.concat(chunks).toString('utf8')
}
