/** What children say that concerns more than themselves: messages to each other, work, memory, questions about the server. */
import type { JsonValue } from '../lib/json.ts'
import type { WorkAnnouncement } from '../runtime.ts'
import type { Budget } from './budget.ts'
import type { Child } from './child.ts'
import type { FlightRecorder } from './flight-recorder.ts'
import type { FromChild } from './ipc.ts'

export interface Hearing {
  readonly budget: Budget
  readonly flight: FlightRecorder
  children(): readonly Child[]
  status(): JsonValue
  metrics(): string
  note(event: string, details?: Record<string, string | number>): void
  announceWork(work: WorkAnnouncement): void
  /** Why nothing may be written, as the child sees it. */
  noteReadOnly(child: Child, why: string | null): void
  /** The child wants a successor. */
  recycle(child: Child, why: string): void
  /** The child ends because somebody else has told it to. */
  letGo(child: Child): void
}

export function hear(server: Hearing, child: Child, message: FromChild): void {
  const { role, slot, pid } = child
  switch (message.type) {
    case 'publish':
      relay(server.children(), child, message.topic, message.data)
      break
    case 'work':
      server.announceWork(message)
      break
    case 'call': {
      const value = message.command === 'metrics' ? server.metrics() : server.status()
      child.send({ type: 'answer', call: message.call, value })
      break
    }
    case 'memory':
      grant(server, child, message)
      break
    case 'release':
      server.budget.ledger.release(child, message.grant)
      break
    case 'read-only':
      server.noteReadOnly(child, message.why)
      break
    case 'recycle':
      server.recycle(child, message.reason)
      break
    case 'told-to-end':
      server.letGo(child)
      break
    case 'ready':
      server.note('worker-ready', { role, slot, pid, ms: Math.round(child.ageMs) })
      break
    case 'beat': {
      const { open, requests, lagP99Ms } = message
      server.flight.note('beat', { pid, open, requests, lagP99Ms, bytes: child.anonymousBytes })
      break
    }
    case 'failed': // Kept in the record of the child, for when it has ended.
  }
}

function grant(
  { budget, flight, note }: Hearing,
  child: Child,
  { call, ...wish }: Extract<FromChild, { type: 'memory' }>,
): void {
  budget.look()
  budget.ledger.ask(child, wish, (answer) => {
    const { what } = wish
    if ('granted' in answer) {
      const { id: grant, bytes, kind } = answer.granted
      flight.note('memory-granted', { what, bytes, kind })
      child.send({ type: 'answer', call, value: { grant, bytes } })
    } else {
      const { neededBytes, mostBytes } = answer.refused
      note('memory-refused', { what, neededBytes, mostBytes })
      child.send({ type: 'answer', call, value: { neededBytes, mostBytes } })
    }
  })
}

function relay(children: readonly Child[], from: Child, topic: string, data: JsonValue): void {
  for (const child of children) if (child !== from) child.send({ type: 'message', topic, data })
}
