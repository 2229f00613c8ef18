/** `knowbot budget`: the memory of the running server as a table that adds up. */
import type { ExitCode, Invocation } from '../cli.ts'
import type { Config } from '../config.ts'
import { KnowBotError } from '../errors.ts'
import { modeOf } from '../knowbot.ts'
import { MIB } from '../lib/units.ts'
import type { BudgetStatus, Condition } from '../runtime.ts'
import { callSupervisor } from './control.ts'
import { printJson, printLine } from './print.ts'

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  if (positionals.length > 0) throw new KnowBotError('usage', '`knowbot budget` takes no argument.')
  const budget = (await callSupervisor(config.data, 'budget', null)) as unknown as Budget
  if (flags['json']) printJson(budget)
  else for (const line of renderBudget(budget, config)) printLine(line)
  return 0
}

type Budget = BudgetStatus & { condition: Condition }
type Settings = Pick<Config, 'indexing' | 'rerank'>

const SOURCES: Readonly<Record<BudgetStatus['limit']['source'], string>> = {
  setting: 'set by --memory or KNOWBOT_MEMORY',
  container: 'the limit of the container',
  machine: 'what the machine has; no smaller limit is set',
}

/** Megabytes everywhere, so that a column can be added up by hand. */
export function renderBudget({ limit, shares, held, jobs, condition }: Budget, settings: Settings): string[] {
  const { supervisor, webWorkers, jobWorkers, readers, total, cgroup, cgroupWithFileCache } = held
  return [
    `Limit ${megabytes(limit.bytes)} MB: ${SOURCES[limit.source]}.`,
    ...(limit.diesTogether
      ? [
          'Attention: memory.oom.group is set. When memory ends, the kernel ends everything at once, so background work is granted a quarter less.',
        ]
      : []),
    `${megabytes(held.available)} MB are left; below ${megabytes(held.shortMark)} MB the server does less.`,
    ...renderMode(condition, settings),
    '',
    '                      share    held   MB',
    row('reserve', shares.reserve),
    row('file cache', shares.fileCache),
    row('supervisor', shares.supervisor, supervisor),
    row(`web workers (${shares.workers})`, shares.worker * shares.workers, webWorkers),
    row(`streams (${shares.streamsMax})`, shares.streams),
    row('background work', shares.jobs, jobWorkers + readers),
    row('together', undefined, total),
    ...(cgroup === null ? [] : [row('by the kernel', undefined, cgroup)]),
    ...(cgroupWithFileCache === null ? [] : [row('  with file cache', undefined, cgroupWithFileCache)]),
    '',
    `Of background work ${megabytes(jobs.capacityBytes)} MB can be granted, ${megabytes(jobs.exclusiveBytes)} MB to one alone; ${megabytes(jobs.heldBytes)} MB are.`,
    ...jobs.grants.map(({ what, bytes, kind }) => `  ${megabytes(bytes)} MB: ${what} (${kind})`),
    ...jobs.waiting.map(({ what, neededBytes }) => `  waits for ${megabytes(neededBytes)} MB: ${what}`),
    ...(jobs.heldBack === null ? [] : [`Nothing is granted for now: ${jobs.heldBack}.`]),
    ...(jobs.decisions.length === 0 ? [] : ['', 'Decided last:']),
    ...jobs.decisions.map(({ time, what, kind, bytes }) => `  ${time}  ${kind}, ${megabytes(bytes)} MB: ${what}`),
  ]
}

function renderMode(condition: Condition, { indexing, rerank }: Settings): string[] {
  const { name, why, leftOut } = modeOf(condition, indexing, { reranks: rerank !== undefined })
  const isNotDone = leftOut.length === 0 ? '' : ` Not done: ${leftOut.join(', ')}.`
  return [`Mode ${name}${why === null ? '' : `: ${why}`}.${isNotDone}`]
}

function row(name: string, share: number | undefined, held?: number): string {
  const cell = (bytes: number | undefined) => (bytes === undefined ? '' : megabytes(bytes)).padStart(8)
  return `${name.padEnd(19)}${cell(share)}${cell(held)}`.trimEnd()
}

function megabytes(bytes: number): string {
  return String(Math.round(bytes / MIB))
}
