/**
 * How well and how dearly text recognition reads the development pages: `node bench/ocr.ts [--built-in] [--folder DIR] [NAME…]`.
 * The pages and the scorer stand beside the project (`../shared/data/ocr`); figures and their meaning: its README.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { extract, sniffType } from '../src/extraction.ts'

interface Score {
  cer: number
  wer: number
  recall: number
  precision: number
}

const { values, positionals } = parseArgs({
  options: { 'built-in': { type: 'boolean' }, folder: { type: 'string' }, memory: { type: 'string' } },
  allowPositionals: true,
})
const folder = resolve(values.folder ?? join(import.meta.dirname, '../../shared/data/ocr'))
if (!existsSync(join(folder, 'manifest.json'))) {
  console.log(`Nothing to read: ${folder} is not there.`)
  process.exit(0)
}

const { score }: { score(truth: string, output: string): Score } = await import(join(folder, 'score.mjs'))
const manifest: { files: { file: string; truth: string; language: string }[] } = JSON.parse(
  readFileSync(join(folder, 'manifest.json'), 'utf8'),
)
const temporaryFolder = await mkdtemp(join(tmpdir(), 'knowbot-bench-ocr-'))
const rows: Record<string, object> = {}
try {
  for (const { file, truth, language } of manifest.files) {
    if (positionals.length > 0 && !positionals.some((name) => file.includes(name))) continue
    rows[file] = await measure(file, readFileSync(join(folder, truth), 'utf8'), language)
  }
} finally {
  await rm(temporaryFolder, { recursive: true })
}
console.table(rows)

async function measure(file: string, truth: string, language: string): Promise<object> {
  const path = join(folder, file)
  const startedAt = performance.now()
  const usage = watchUsage()
  const pages: string[] = []
  const sources: string[] = []
  try {
    const request = {
      path,
      type: sniffType(readFileSync(path).subarray(0, 4096), file)!,
      name: file,
      language,
      textRecognition: values['built-in'] ? 'built-in' : 'best',
      signal: new AbortController().signal,
      temporaryFolder,
      limits: { memoryBytesMax: values.memory ? Number(values.memory) * 2 ** 20 : null },
    } as const
    for await (const event of extract(request)) {
      if (event.kind === 'page') {
        pages[event.page.number - 1] = event.page.text
        sources.push(event.page.source)
      } else if (event.kind === 'unreadable') sources.push(event.code)
    }
  } catch (error) {
    sources.push(String(error).slice(0, 60))
  }
  const { cer, wer, recall, precision } = score(truth, pages.join('\n\f\n'))
  const { peakMb, cpuS } = usage()
  return { cer, wer, recall, precision, sources: sources.join(' '), s: seconds(startedAt), cpuS, peakMb }
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 100) / 10
}

/** Samples what the descendants of this process hold: anonymous memory of all of them together, as a container counts it. */
function watchUsage(): () => { peakMb: number; cpuS: number } {
  let peakKb = 0
  const cpuTicks = new Map<number, number>()
  const timer = setInterval(() => {
    let kb = 0
    for (const { pid, anonymousKb, ticks } of descendants()) {
      kb += anonymousKb
      cpuTicks.set(pid, ticks)
    }
    peakKb = Math.max(peakKb, kb)
  }, 20)
  return () => {
    clearInterval(timer)
    const ticks = [...cpuTicks.values()].reduce((sum, value) => sum + value, 0)
    return { peakMb: Math.round(peakKb / 1024), cpuS: Math.round(ticks / 10) / 10 }
  }
}

function descendants(): { pid: number; anonymousKb: number; ticks: number }[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    const fields = /^\d+$/.test(name) ? statOf(Number(name)) : undefined
    if (fields) parents.set(Number(name), Number(fields[1]))
  }
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === process.pid || isOurs(parent))
  }
  return [...parents.keys()].filter(isOurs).map((pid) => {
    const fields = statOf(pid) ?? []
    return { pid, anonymousKb: anonymousKbOf(pid), ticks: Number(fields[11] ?? 0) + Number(fields[12] ?? 0) }
  })
}

function statOf(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // It has ended.
  }
}

function anonymousKbOf(pid: number): number {
  try {
    return Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  } catch {
    return 0 // It has ended.
  }
}
