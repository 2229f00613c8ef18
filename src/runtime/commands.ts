/** What the control socket understands. */
import type { JsonValue } from '../lib/json.ts'
import { readStack } from './stack.ts'
import type { Supervision } from './supervisor.ts'

type Command = (supervision: Supervision, args: JsonValue) => JsonValue | Promise<JsonValue>

export const COMMANDS: Readonly<Record<string, Command>> = {
  status: (supervision) => supervision.status(),
  workers: (supervision) => supervision.status().workers,
  deaths: (supervision) => supervision.deaths.latest,
  flight: (supervision) => supervision.flight.entries(),
  metrics: (supervision) => supervision.metrics(),
  budget: (supervision) => ({ ...supervision.budget.status(), condition: supervision.brownout.condition }),
  room: (supervision) => ({ ...supervision.room() }),
  stop(supervision) {
    void supervision.stop()
    return { stopping: true }
  },
  /** The same, but the answer comes when everything has ended. */
  async drain(supervision) {
    await supervision.stop()
    return { stopped: true }
  },
  async reload(supervision) {
    await supervision.reload()
    return supervision.status().workers
  },
  scale: (supervision, args) => ({ workers: supervision.scale(readNumber(args, 'by') === -1 ? -1 : 1) }),
  /** Where the JavaScript of a worker is right now. */
  async stack(supervision, args) {
    const pid = readNumber(args, 'pid') ?? supervision.children()[0]?.pid
    if (!supervision.children().some((child) => child.pid === pid))
      throw new Error(`There is no worker with the pid ${pid}.`)
    return { pid: pid!, stack: (await readStack(pid!)) ?? null }
  },
  async recycle(supervision, args) {
    await supervision.recycle(readNumber(args, 'pid'))
    return supervision.status().workers
  },
  reopen(supervision) {
    supervision.reopenLogs()
    return { reopened: true }
  },
}

export async function answerCommand(supervision: Supervision, command: string, args: JsonValue): Promise<JsonValue> {
  const known = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (!known) throw new Error(`There is no command "${command}". There are: ${Object.keys(COMMANDS).join(', ')}.`)
  return known(supervision, args)
}

function readNumber(args: JsonValue, name: string): number | undefined {
  const value = (args as Record<string, JsonValue> | null)?.[name]
  return typeof value === 'number' ? value : undefined
}
