/**
 * Runs some test files in a process of their own and tells the parent what came of them: a test that takes its whole
 * process along must not take the closing lines of the run along. Called by tools/test.ts alone.
 */
import { relative } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import type { Group, GroupResult } from './test.ts'

/** What a file said is shown when it fails, its end at least. */
const OUTPUT_CHARS_MAX = 20_000
/** A file whose tests are over and that holds something open would never end, nor would the run. */
const SILENCE_MS_MAX = 30_000

// Where the parent is gone there is nobody to tell.
process.once('disconnect', () => process.exit(1))
process.once('message', async (group: Group) => {
  process.channel?.unref() // Without isolation the tests are over when nothing holds the process open.
  const result = await report(group)
  process.send?.(result, () => process.exit())
})

async function report({ files, isolation, concurrency, timeoutMs }: Group): Promise<GroupResult> {
  const result: GroupResult = { counts: undefined, failed: [], skipped: [] }
  const output = new Map<string, string>()
  const together = isolation === 'none' ? { isolation } : { isolation, concurrency }
  const unfinished = new Set(files.map(shorten))
  const stop = new AbortController()
  const silence = setTimeout(giveUp, timeoutMs + SILENCE_MS_MAX).unref()

  for await (const { type, data } of run({ files, timeout: timeoutMs, signal: stop.signal, ...together })) {
    silence.refresh()
    if (stop.signal.aborted) continue
    if (type === 'test:stdout' || type === 'test:stderr') {
      const file = shorten(data.file)
      output.set(file, `${output.get(file) ?? ''}${data.message}`.slice(-OUTPUT_CHARS_MAX))
    } else if (type === 'test:pass' && data.skip !== undefined) {
      const reason = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason given'
      result.skipped.push({ file: shorten(data.file), name: data.name, reason })
    } else if (type === 'test:fail' && data.details.type !== 'suite') {
      const file = shorten(data.file)
      result.failed.push(`${file}: ${data.name}`)
      process.stdout.write(`✖ ${data.name}  (${file}:${data.line ?? 1})\n${indent(explain(data.details.error))}\n`)
      const said = output.get(file)
      if (said) process.stdout.write(`  What the file said:\n${indent(said)}\n`)
      output.delete(file)
    } else if (type === 'test:summary') {
      if (data.file === undefined) result.counts = data.counts
      else writeLine(data.success, shorten(data.file), data.counts, data.duration_ms)
      if (data.file !== undefined) unfinished.delete(shorten(data.file))
    }
  }
  clearTimeout(silence)
  return result

  function giveUp(): void {
    const line = `no word for ${(timeoutMs + SILENCE_MS_MAX) / 1000} s; not finished: ${[...unfinished].join(', ')}`
    process.stdout.write(`✖ ${line}\n`)
    result.failed.push(line)
    stop.abort()
    process.send?.(result, () => process.exit())
  }
}

function writeLine(
  isGood: boolean,
  file: string,
  counts: { passed: number; skipped: number },
  durationMs: number,
): void {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''
  process.stdout.write(
    `${isGood ? '✔' : '✖'} ${file}  ${counts.passed} passed${skipped}  ${(durationMs / 1000).toFixed(1)} s\n`,
  )
}

function shorten(file: string | undefined): string {
  return file === undefined ? 'unknown file' : relative(process.cwd(), file)
}

/** The test runner wraps what was thrown; the reader wants what was thrown. */
function explain(error: Error): string {
  const thrown = error.cause instanceof Error ? error.cause : error
  const tell = (what: unknown) => inspect(what, { colors: process.stdout.hasColors?.() ?? false })
  // What went wrong at the end of a block hides what went wrong in it.
  return thrown instanceof SuppressedError ? [thrown.suppressed, thrown.error].map(tell).join('\n') : tell(thrown)
}

function indent(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '  ')
}
