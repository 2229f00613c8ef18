/** Every end of a child, once: in the log, in the flight recorder, among the latest, and in the counters. */

import { readOomKills } from '../lib/cgroup.ts'
import type { Log } from '../lib/log.ts'
import type { Child, ChildEnd } from './child.ts'
import { asFields, type Cause, type Death, describeDeath, isExpected } from './death.ts'
import type { FlightRecorder } from './flight-recorder.ts'
import { addBeat, newTotals, type Totals } from './metrics.ts'

const LATEST_MAX = 20

export class DeathRegister {
  readonly totals: Totals = newTotals()
  readonly #flight: FlightRecorder
  #latest: Death[] = []
  #oomKills = readOomKills() ?? 0

  constructor(flight: FlightRecorder) {
    this.#flight = flight
  }

  /** The newest first; ends that were asked for are not among them. */
  get latest(): readonly Death[] {
    return this.#latest
  }

  record(child: Child, end: ChildEnd, log: Log): Cause {
    const death = describeDeath(child, end, this.#newOomKills())
    addBeat(this.totals, child.lastBeat)
    const labels = `{role="${death.role}",cause="${death.cause}"}`
    this.totals.deaths.set(labels, (this.totals.deaths.get(labels) ?? 0) + 1)
    const fields = asFields(death) as Record<string, string | number | string[]>
    this.#flight.note('worker-ended', fields)
    if (isExpected(death.cause)) log.debug('worker-ended', fields)
    else {
      this.#latest = [death, ...this.#latest].slice(0, LATEST_MAX)
      log.error('worker-died', fields)
    }
    return death.cause
  }

  /** Since the last death. Two children that die of memory at once share one count, which is enough to know the cause. */
  #newOomKills(): number {
    const now = readOomKills() ?? 0
    const added = Math.max(0, now - this.#oomKills)
    this.#oomKills = now
    return added
  }
}
