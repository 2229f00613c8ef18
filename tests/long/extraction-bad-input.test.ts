/** Damaged and hostile files, each through the door of extraction: it ends in time, with pages or with a code, and nobody dies. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { isErrorCode, KnowBotError } from '../../src/errors.ts'
import { extract, sniffType } from '../../src/extraction.ts'
import { MIB, MINUTE_MS } from '../../src/lib/units.ts'

interface BadFile {
  path: string
  why: string
  expected: 'indexed' | 'rejected-with-clear-error' | 'indexed-or-rejected'
  min_chars?: number
  probe?: string
  probe_level?: string
}

const FOLDER = join(import.meta.dirname, '../../../shared/data/bad-input')
const FILE_MS_MAX = 2 * MINUTE_MS
const MEMORY_BYTES = 256 * MIB

let temporaryFolder: string
before(async () => {
  temporaryFolder = await mkdtemp(join(tmpdir(), 'knowbot-bad-input-'))
})
after(async () => {
  const left = await readdir(temporaryFolder)
  await rm(temporaryFolder, { recursive: true })
  assert.deepEqual(left, [], 'working files were left behind')
})

for (const file of existsSync(FOLDER) ? badFiles() : []) {
  test(`${file.path} (${file.why}) ends as ${file.expected}`, { timeout: FILE_MS_MAX }, async () => {
    const end = await readBad(file)
    if (file.expected === 'rejected-with-clear-error')
      assert.ok(end.codes.length > 0, `nothing was refused: ${end.text}`)
    if (file.expected === 'indexed') assert.ok(end.text.length >= (file.min_chars ?? 1), `too little text: ${end.text}`)
    if (file.expected === 'indexed' && file.probe && file.probe_level !== 'crash-only')
      assert.match(end.text, new RegExp(file.probe))
  })
}

test('the folder of bad input is here', { skip: existsSync(FOLDER) ? false : `${FOLDER} is not here` }, () => {})

/** Those of the kinds that are read here; the others are refused before they get here. */
function badFiles(): BadFile[] {
  const manifest: { files: BadFile[] } = JSON.parse(readFileSync(join(FOLDER, 'manifest.json'), 'utf8'))
  return manifest.files.filter(({ path }) => existsSync(join(FOLDER, path)) && typeOf(path) !== undefined)
}

function typeOf(path: string) {
  return sniffType(readFileSync(join(FOLDER, path)).subarray(0, 4096), path)
}

async function readBad(file: BadFile): Promise<{ text: string; codes: string[] }> {
  const texts: string[] = []
  const codes: string[] = []
  try {
    for await (const event of extract({
      path: join(FOLDER, file.path),
      type: typeOf(file.path)!,
      name: file.path,
      signal: new AbortController().signal,
      temporaryFolder,
      limits: { memoryBytesMax: MEMORY_BYTES },
    })) {
      if (event.kind === 'page') texts.push(event.page.text)
      else if (event.kind === 'unreadable') codes.push(event.code)
    }
  } catch (error) {
    assert.ok(error instanceof KnowBotError, String(error))
    codes.push(error.code)
  }
  assert.ok(codes.every(isErrorCode))
  return { text: texts.join('\n'), codes }
}
