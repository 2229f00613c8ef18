/**
 * The documents of the person, newest first. Each row has signals of its own, so that progress of one draws one row.
 * Changes come as events; the list itself is fetched at each connection, because what happened in between was not heard.
 */
import { computed, type Signal, signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import { reasonWords, t } from '../messages.ts'
import type { DeletedAllAnswer, DocumentAnswer, ServerModeAnswer, Slice } from '../wire.ts'
import { announce } from './announcer.ts'
import { askServerMode, serverMode } from './server-mode.ts'
import { endSession, isSignedOut } from './session.ts'
import { followShared } from './shared-events.ts'

export interface DocumentRow {
  readonly id: string
  readonly view: Signal<DocumentAnswer>
  /** Deleted here a moment ago; the row stays to offer the way back. */
  readonly isRemoved: Signal<boolean>
  /** A remark beside the status, as "was here already"; or why the last action on it failed. */
  readonly remark: Signal<string | null>
}

export const rows = signal<readonly DocumentRow[]>([])
export const isLoaded = signal(false)
export const nextCursor = signal<string | null>(null)
export const listError = signal<string | null>(null)
export const isConnected = signal(true)

export const kept = computed(() => rows.value.filter((row) => !row.isRemoved.value))
/** Part of a name, as it is typed. */
export const filter = signal('')
export const matching = computed(() => {
  const part = filter.value.trim().toLocaleLowerCase()
  return part === '' ? rows.value : rows.value.filter(({ view }) => view.value.name.toLocaleLowerCase().includes(part))
})

/** What answers can be made from, now or when it is read. */
export const usable = computed(() => kept.value.filter(({ view }) => view.value.status !== 'failed'))
export const beingRead = computed(() =>
  kept.value.filter(({ view }) => view.value.status === 'queued' || view.value.status === 'reading'),
)

/** The server forgets a deleted document after ten minutes; then there is nothing to bring back. */
const UNDO_MS = 10 * 60_000

/** A list may be older than an event that came while it was on its way; the event is right. */
let clock = 0
const heardAt = new Map<string, number>()

/** Thousands of files may arrive one by one. */
const byId = computed(() => new Map(rows.value.map((row) => [row.id, row])))

/** What one window does to the list, the others are told: nothing is told of what is gone. */
const windows = new BroadcastChannel('knowbot.documents')
windows.addEventListener('message', () => void (isLoaded.peek() && loadDocuments()))
const tellWindows = () => windows.postMessage('changed')

/** For as long as somebody is signed in. */
export async function followDocuments(personId: string, signal: AbortSignal): Promise<void> {
  await followShared(
    '/api/events',
    personId,
    {
      onConnect() {
        isConnected.value = true
        void loadDocuments(signal)
        void askServerMode()
      },
      onEvent: ({ event, data }) => {
        if (event === 'document') takeIn(JSON.parse(data) as DocumentAnswer)
        else if (event === 'server') serverMode.value = JSON.parse(data) as ServerModeAnswer
      },
      onTrouble(error) {
        isConnected.value = false
        if (isSignedOut(error)) endSession()
        return !isSignedOut(error)
      },
    },
    signal,
  )
  forgetDocuments()
}

export async function loadDocuments(signal?: AbortSignal): Promise<void> {
  const askedAt = clock
  try {
    // As far as the list was shown: who has scrolled down stays there.
    const { items, nextCursor: cursor } = await fetchAtLeast(rows.peek().length, signal)
    const removed = rows.value.filter((row) => row.isRemoved.value)
    const heardSince = rows.value.filter((row) => (heardAt.get(row.id) ?? 0) > askedAt)
    const heardIds = new Set(heardSince.map(({ id }) => id))
    const listed = items.filter(({ id }) => !heardIds.has(id)).map(rowOf)
    rows.value = [...new Set([...removed, ...heardSince, ...listed])].sort(byAge)
    nextCursor.value = cursor
    listError.value = null
    isLoaded.value = true
  } catch (error) {
    if (!signal?.aborted) listError.value = asRequestError(error).message
  }
}

async function fetchAtLeast(count: number, signal?: AbortSignal): Promise<Slice<DocumentAnswer>> {
  let slice = await api.documents(null, signal)
  while (slice.nextCursor !== null && slice.items.length < count) {
    const { items, nextCursor } = await api.documents(slice.nextCursor, signal)
    slice = { items: [...slice.items, ...items], nextCursor }
  }
  return slice
}

/** The next piece of the list, when somebody comes near its end. */
export function showMore(): void {
  if (nextCursor.peek() !== null && listError.peek() === null) void loadMore()
}

/** The filter looks at what is here, so that it needs everything here. */
export async function filterBy(part: string): Promise<void> {
  filter.value = part
  while (nextCursor.value !== null && listError.value === null) await loadMore()
}

let loadingMore: Promise<void> | undefined

function loadMore(): Promise<void> {
  loadingMore ??= fetchMore().finally(() => {
    loadingMore = undefined
  })
  return loadingMore
}

async function fetchMore(): Promise<void> {
  try {
    const { items, nextCursor: cursor } = await api.documents(nextCursor.value)
    const known = new Set(rows.value.map((row) => row.id))
    rows.value = [...rows.value, ...items.filter(({ id }) => !known.has(id)).map(rowOf)]
    nextCursor.value = cursor
  } catch (error) {
    listError.value = asRequestError(error).message
  }
}

/** What the server says of a document now, whether it is known here or new. */
export function takeIn(view: DocumentAnswer, remark: string | null = null): void {
  heardAt.set(view.id, ++clock)
  const known = find(view.id)
  if (known === undefined) {
    rows.value = [rowOf(view), ...rows.value]
    return
  }
  if (known.isRemoved.value) return
  announceEnd(known.view.peek(), view)
  known.view.value = view
  known.remark.value = remark
}

export async function remove(row: DocumentRow): Promise<void> {
  await act(row, async () => {
    await api.remove(row.id)
    row.isRemoved.value = true
    tellWindows()
    announce(t.announce.deleted(row.view.value.name))
    setTimeout(() => row.isRemoved.value && forget(row), UNDO_MS)
  })
}

export async function restore(row: DocumentRow): Promise<void> {
  await act(row, async () => {
    await api.restore(row.id)
    row.isRemoved.value = false
    heardAt.set(row.id, ++clock)
    announce(t.announce.restored(row.view.value.name))
  })
}

export async function retry(row: DocumentRow, password?: string): Promise<void> {
  await act(row, async () => {
    await api.retry(row.id, password)
    // The event of the new attempt may be a moment behind; the row must not say "failed" until then.
    if (row.view.value.status === 'failed') row.view.value = { ...row.view.value, status: 'queued', error: null }
  })
}

/** All that was there was deleted a moment ago; null when there is nothing to take back. */
export const wiped = signal<DeletedAllAnswer | null>(null)

/** Answers why it did not work, if it did not. */
export async function removeAll(): Promise<string | null> {
  try {
    const answer = await api.removeAll()
    wiped.value = answer
    rows.value = []
    setTimeout(() => wiped.value === answer && dismissWiped(), UNDO_MS)
    announce(t.announce.allDeleted(answer.removed))
  } catch (error) {
    return asRequestError(error).message
  }
  tellWindows()
  await loadDocuments() // What belongs to others stays.
  return null
}

export async function restoreAll(): Promise<void> {
  const { value } = wiped
  if (value === null) return
  try {
    const { restored } = await api.restoreAll(value.removedAt)
    announce(t.announce.allRestored(restored))
    wiped.value = null
  } catch (error) {
    announce(asRequestError(error).message)
  }
  tellWindows()
  await loadDocuments()
}

export function dismissWiped(): void {
  wiped.value = null
}

export function forget(row: DocumentRow): void {
  rows.value = rows.value.filter((other) => other !== row)
}

async function act(row: DocumentRow, action: () => Promise<void>): Promise<void> {
  row.remark.value = null
  try {
    await action()
  } catch (error) {
    const { code, message } = asRequestError(error)
    if (code === 'not_found') forget(row)
    else row.remark.value = message
  }
}

function find(id: string): DocumentRow | undefined {
  return byId.peek().get(id)
}

/** The same document keeps its row, and with it its place in the page and the focus. */
function rowOf(view: DocumentAnswer): DocumentRow {
  const known = find(view.id)
  if (known === undefined) return { id: view.id, view: signal(view), isRemoved: signal(false), remark: signal(null) }
  if (!known.isRemoved.peek()) known.view.value = view
  return known
}

function byAge(a: DocumentRow, b: DocumentRow): number {
  return b.view.peek().createdAt.localeCompare(a.view.peek().createdAt)
}

function announceEnd(before: DocumentAnswer, now: DocumentAnswer): void {
  if (before.status === now.status) return
  if (now.status === 'ready') announce(t.announce.ready(now.name))
  if (now.status === 'failed') announce(t.announce.failed(now.name, reasonOf(now)))
}

export function reasonOf({ error }: DocumentAnswer): string {
  return error === null ? '' : reasonWords(error.code, error.message)
}

function forgetDocuments(): void {
  filter.value = ''
  wiped.value = null
  heardAt.clear()
  rows.value = []
  isLoaded.value = false
  nextCursor.value = null
  listError.value = null
}
