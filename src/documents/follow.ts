/**
 * Progress of documents, as it becomes known. A message says which document changed; what is told is read from its row, so
 * that nothing told is older than what was told before, and the last state is always told. At most four times a second.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { JsonValue } from '../lib/json.ts'
import type { Messages } from '../lib/messages.ts'
import { SECOND_MS } from '../lib/units.ts'
import type { Principal } from './store.ts'
import type { DocumentView, Views } from './views.ts'

export const DOCUMENTS_CHANGED = 'documents'
export type DocumentChanged = { id: string; collectionId: number }

const PAUSE_MS = 250
/** Messages can be lost, and time passes without any: whoever follows looks by themselves now and then. */
const LOOK_EVERY_MS = 5 * SECOND_MS
/** Of a reader that does not keep up, the documents that changed longest ago are left out. */
const CHANGED_MAX = 2000
/** Of those that wait, so many are looked at now and then. */
const WAITING_MAX = 50

interface Source {
  views: Views
  messages: Messages
  principal: Principal
  signal: AbortSignal
}

/** One document: how it stands, then every change, until it is ready, failed or gone. */
export async function* followOne(source: Source, publicId: string): AsyncGenerator<DocumentView> {
  using changes = listen(source, ({ id }) => id === publicId)
  let last = ''
  for (;;) {
    const view = source.views.find(source.principal, publicId)
    if (!view) return
    const now = JSON.stringify(view)
    if (now !== last) yield view
    last = now
    if (view.status === 'ready' || view.status === 'failed') return
    await changes.next(LOOK_EVERY_MS)
    if (source.signal.aborted) return
  }
}

/** Every document that the principal may read, from now on, as it changes; also why one waits, where nothing else changes. */
export async function* followAll(source: Source): AsyncGenerator<DocumentView> {
  using changes = listen(source, ({ collectionId }) => source.principal.readableCollections.includes(collectionId))
  const waiting = new Map<string, string>()
  while (!source.signal.aborted) {
    const changed = await changes.next(waiting.size > 0 ? LOOK_EVERY_MS : undefined)
    for (const id of changed.size > 0 ? changed : [...waiting.keys()]) {
      const view = source.views.find(source.principal, id)
      const reason = view?.waiting?.reason
      const isNews = changed.has(id) || reason !== waiting.get(id)
      waiting.delete(id)
      if (reason !== undefined && waiting.size < WAITING_MAX) waiting.set(id, reason)
      if (view && isNews) yield view
    }
  }
}

/** The ids that changed, gathered between two looks. */
function listen({ messages, signal }: Source, isMeant: (change: DocumentChanged) => boolean) {
  let changed = new Set<string>()
  let wake: () => void = () => undefined
  let pausedUntil = 0
  const stopListening = messages.subscribe(DOCUMENTS_CHANGED, (data) => {
    if (!isChange(data) || !isMeant(data)) return
    if (changed.size >= CHANGED_MAX) changed.delete(changed.values().next().value!)
    changed.add(data.id)
    wake()
  })
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort)
  return {
    async next(patienceMs?: number): Promise<Set<string>> {
      if (changed.size === 0 && !signal.aborted) await ring(patienceMs)
      const pauseMs = pausedUntil - performance.now()
      if (pauseMs > 0 && !signal.aborted) await sleep(pauseMs, undefined, { signal }).catch(() => undefined) // Aborted: the caller looks.
      pausedUntil = performance.now() + PAUSE_MS
      const ids = changed
      changed = new Set()
      return ids
    },
    [Symbol.dispose]() {
      stopListening()
      signal.removeEventListener('abort', onAbort)
    },
  }

  async function ring(patienceMs: number | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    const timer = patienceMs === undefined ? undefined : setTimeout(resolve, patienceMs)
    await promise
    clearTimeout(timer)
  }
}

function isChange(data: JsonValue): data is DocumentChanged {
  const { id, collectionId } = (data ?? {}) as { id?: JsonValue; collectionId?: JsonValue }
  return typeof id === 'string' && typeof collectionId === 'number'
}
