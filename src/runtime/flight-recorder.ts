/** The last ten minutes of beats, decisions and deaths, bounded in number: what one wants to read after something went wrong. */
import type { JsonValue } from '../lib/json.ts'

export type FlightEntry = {
  readonly time: string
  readonly event: string
  readonly [detail: string]: JsonValue | undefined
}

const MS_MAX = 600_000
const ENTRIES_MAX = 4000

export class FlightRecorder {
  readonly #entries: { at: number; event: string; details: Record<string, JsonValue | undefined> }[] = []

  note(event: string, details: Record<string, JsonValue | undefined> = {}): void {
    this.#entries.push({ at: Date.now(), event, details })
    // In blocks, because shifting 4000 entries for each new one is work for nothing.
    if (this.#entries.length > ENTRIES_MAX + 256) this.#entries.splice(0, 256)
  }

  entries(): FlightEntry[] {
    const from = Date.now() - MS_MAX
    return this.#entries
      .filter(({ at }) => at >= from)
      .map(({ at, event, details }) => ({ time: new Date(at).toISOString(), event, ...details }))
  }
}
