/** Documents as people see them, each with the reason why it is not being read yet. */
import type { Jobs } from '../jobs.ts'
import type { Reader } from '../storage.ts'
import { jobKey, READ, READ_PLAIN } from './queueing.ts'
import * as store from './store.ts'
import { type Idleness, type Waiting, waitingOf } from './waiting.ts'

export interface DocumentView extends Omit<store.StoredView, 'rowId'> {
  /** Null unless it waits. */
  waiting: Waiting | null
}

export interface Views {
  find(principal: store.Principal, publicId: string): DocumentView | undefined
  /** The same, after one look at the queue for all who ask in this moment: uploads are acknowledged many at a time. */
  findTogether(principal: store.Principal, publicId: string): Promise<DocumentView | undefined>
  /** Newest first, those before the cursor (a public id). */
  list(principal: store.Principal, slice: { limit: number; cursor: string | null }): DocumentView[]
}

export function openViews(reader: Reader, jobs: Pick<Jobs, 'standings'>, whyIdle: () => Idleness): Views {
  let together: { stored: store.StoredView[]; views: Promise<DocumentView[]> } | undefined
  return {
    find(principal, publicId) {
      const view = store.findView(reader, principal, publicId)
      return view && complete([view])[0]
    },
    async findTogether(principal, publicId) {
      const view = store.findView(reader, principal, publicId)
      if (!view) return undefined
      together ??= gather()
      const index = together.stored.push(view) - 1
      return (await together.views)[index]
    },
    list: (principal, slice) => complete(store.listViews(reader, principal, slice)),
  }

  /** Whoever was told of the same commit has asked when this goes on. */
  function gather(): NonNullable<typeof together> {
    const stored: store.StoredView[] = []
    const views = Promise.resolve().then(() => {
      together = undefined
      return complete(stored)
    })
    return { stored, views }
  }

  function complete(stored: readonly store.StoredView[]): DocumentView[] {
    const open = stored.filter(({ status }) => status === 'queued' || status === 'reading')
    const keys = open.map(({ rowId }) => jobKey(rowId))
    const standings = keys.length === 0 ? new Map() : jobs.standings([READ, READ_PLAIN], keys)
    const [idleness, now] = [whyIdle(), Date.now()]
    return stored.map(({ rowId, ...view }) => {
      const standing = standings.get(jobKey(rowId))
      return { ...view, waiting: standing ? waitingOf(standing, idleness, now) : null }
    })
  }
}
