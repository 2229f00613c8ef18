/** `knowbot status`, `stop`: the commands of a running supervisor, over its control socket. */
import type { ExitCode, Invocation } from '../cli.ts'
import { meetingPoints } from '../config.ts'
import { KnowBotError } from '../errors.ts'
import { controlCall } from '../runtime.ts'
import { printJson, printLine } from './print.ts'

export async function status(invocation: Invocation): Promise<ExitCode> {
  const answer = await call(invocation, 'status')
  if (invocation.flags['json']) printJson(answer)
  else printTree(answer, '')
  return 0
}

export async function stop(invocation: Invocation): Promise<ExitCode> {
  await call(invocation, 'stop')
  printLine('The server is stopping; open requests end first.')
  return 0
}

async function call({ config }: Invocation, command: string): Promise<unknown> {
  const { controlSocket } = meetingPoints(config.data)
  try {
    return await controlCall(controlSocket, command)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code !== 'ENOENT' && code !== 'ECONNREFUSED') throw cause
    throw new KnowBotError(
      'unavailable',
      `No server runs on ${config.data}. Name another folder with --data, or start one: knowbot serve.`,
      { cause },
    )
  }
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
