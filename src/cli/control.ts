/** The commands of a running supervisor, over its control socket: `status`, `workers`, `reload`, `stop`, `drain`, `recycle`, `stack`, `deaths`, `flight`. */
import type { ExitCode, Invocation } from '../cli.ts'
import { meetingPoints } from '../config.ts'
import { KnowBotError } from '../errors.ts'
import type { JsonValue } from '../lib/json.ts'
import { controlCall } from '../runtime.ts'
import { printJson, printLine } from './print.ts'

export async function run({ config, positionals, flags }: Invocation, name: string): Promise<ExitCode> {
  const { command, args } = requestOf(name, positionals)
  const answer = await callSupervisor(config.data, command, args)
  if (flags['json']) printJson(answer)
  else printAnswer(name, answer)
  return 0
}

/** What the supervisor is asked. `knowbot workers +1` is its `scale`. */
function requestOf(name: string, [argument]: readonly string[]): { command: string; args: JsonValue } {
  if (argument === undefined) return { command: name, args: null }
  if (name === 'workers' && /^[+-]1$/.test(argument)) return { command: 'scale', args: { by: Number(argument) } }
  if ((name === 'stack' || name === 'recycle') && /^\d+$/.test(argument))
    return { command: name, args: { pid: Number(argument) } }
  throw new KnowBotError('usage', `\`knowbot ${name}\` does not know what to do with "${argument}".`)
}

/** One command to the supervisor of a data folder. Throws in words where none runs, or where it refuses. */
export async function callSupervisor(data: string, command: string, args: JsonValue): Promise<JsonValue> {
  try {
    return await controlCall(meetingPoints(data).controlSocket, command, args)
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      const advice = `No server runs on ${data}. Name another folder with --data, or start one: knowbot serve.`
      throw new KnowBotError('unavailable', advice, { cause })
    }
    throw new KnowBotError('conflict', message, { cause }) // The supervisor says why it refuses.
  }
}

function printAnswer(name: string, answer: JsonValue): void {
  if (name === 'stop') printLine('The server is stopping; open requests end first.')
  else if (name === 'drain') printLine('The server has stopped.')
  else if (name === 'stack') printLine(String((answer as { stack: string | null }).stack ?? 'The worker did not tell.'))
  else if (Array.isArray(answer) && answer.length === 0) printLine('none')
  else printTree(answer, '')
}

/** An object as indented lines, for people. */
function printTree(value: unknown, indent: string): void {
  if (!isTree(value)) {
    printLine(`${indent}${printValue(value)}`)
    return
  }
  for (const [name, part] of Object.entries(value)) {
    if (isTree(part)) {
      printLine(`${indent}${name}`)
      printTree(part, `${indent}  `)
    } else printLine(`${indent}${name}: ${printValue(part)}`)
  }
}

function isTree(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function printValue(value: unknown): string {
  if (value === null || value === undefined) return '–'
  return typeof value === 'object' ? 'none' : String(value)
}
