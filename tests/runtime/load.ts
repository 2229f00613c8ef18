/** Clients that count what becomes of their requests, by class. */
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Outcomes {
  ok: number
  unavailable: number
  refused: number
  /** The connection ended before the answer: a request in flight died with its worker. */
  reset: number
  timeout: number
  other: string[]
}

const ANSWER_MS_MAX = 15_000

export interface Load extends AsyncDisposable {
  readonly outcomes: Outcomes
  stop(): Promise<Outcomes>
}

/** `clients` that ask one after the other, with a new connection each time, or on one that is kept with pauses of 0–20 ms. */
export function startLoad(
  url: string,
  { clients, keepsAlive = false }: { clients: number; keepsAlive?: boolean },
): Load {
  const outcomes: Outcomes = { ok: 0, unavailable: 0, refused: 0, reset: 0, timeout: 0, other: [] }
  let isRunning = true
  const loops = Array.from({ length: clients }, async () => {
    const agent = keepsAlive ? new Agent({ keepAlive: true, maxSockets: 1 }) : undefined
    while (isRunning) {
      count(outcomes, await ask(url, agent))
      if (keepsAlive) await sleep(Math.random() * 20)
    }
    agent?.destroy()
  })
  const stop = async () => {
    isRunning = false
    await Promise.all(loops)
    return outcomes
  }
  return {
    outcomes,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
    },
  }
}

function ask(url: string, agent: Agent | undefined): Promise<number | string> {
  const { promise, resolve } = Promise.withResolvers<number | string>()
  const outgoing = request(url, {
    agent: agent ?? false,
    timeout: ANSWER_MS_MAX,
    headers: agent ? {} : { connection: 'close' },
  })
  outgoing.once('response', (response) => {
    response.once('aborted', () => resolve('ECONNRESET'))
    response.once('end', () => resolve(response.statusCode!))
    response.resume()
  })
  outgoing.once('timeout', () => {
    resolve('timeout')
    outgoing.destroy()
  })
  outgoing.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
  outgoing.end()
  return promise
}

function count(outcomes: Outcomes, outcome: number | string): void {
  if (outcome === 200) outcomes.ok += 1
  else if (outcome === 503) outcomes.unavailable += 1
  else if (outcome === 'ECONNREFUSED') outcomes.refused += 1
  else if (outcome === 'ECONNRESET' || outcome === 'EPIPE') outcomes.reset += 1
  else if (outcome === 'timeout') outcomes.timeout += 1
  else outcomes.other.push(String(outcome))
}
