/** Programs of this machine that make reading better. None is required. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { SECOND_MS } from '../lib/units.ts'

const run = promisify(execFile)

export interface Tools {
  /** Native text recognition; without it the built-in one (WebAssembly) reads, slower and in more memory. */
  tesseract: { version: string; languages: string[] } | null
  /** Languages of the built-in text recognition. */
  builtInLanguages: string[]
}

export async function findTools(): Promise<Tools> {
  return { tesseract: await findTesseract(), builtInLanguages: ['eng'] }
}

export async function findTesseract(): Promise<Tools['tesseract']> {
  try {
    const options = { timeout: 10 * SECOND_MS }
    const version = await run('tesseract', ['--version'], options)
    const languages = await run('tesseract', ['--list-langs'], options)
    const [, number] = /tesseract\s+v?(\d+\.\d+[\w.-]*)/.exec(version.stdout + version.stderr) ?? []
    // Before version 4 there was no engine of the kind that the plan was measured with.
    if (!number || Number.parseInt(number, 10) < 4) return null
    return { version: number, languages: readLanguages(languages.stdout + languages.stderr) }
  } catch {
    return null // Not installed, or not startable: the built-in recognition is used.
  }
}

function readLanguages(listing: string): string[] {
  return listing
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^[\w/-]+$/.test(line))
}
