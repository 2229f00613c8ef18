/** The chats of the person, newest first. What one window of a browser changes, the others are told. */
import { signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import type { ChatAnswer } from '../wire.ts'
import { announce } from './announcer.ts'
import { isSignedOut } from './session.ts'

/** With words to be found: around what was found. */
export type ListedChat = ChatAnswer & { excerpt?: string | null | undefined }

export const chats = signal<readonly ListedChat[]>([])
/** What the listed chats have been found by; empty for all of them. */
export const chatQuery = signal('')
/** What was deleted last and can be brought back: one chat, or all where there is no id. */
export const removedChats = signal<{ id: string | null; count: number } | null>(null)
/** Before, nobody knows whether there are none. */
export const areChatsLoaded = signal(false)
export const nextChats = signal<string | null>(null)
export const chatsError = signal<string | null>(null)

/** Something was said in a chat, or the list is not as it was; ids and nothing else. */
export type Told = { type: 'said'; chatId: string } | { type: 'removed'; chatId: string } | { type: 'listed' }

const windows = new BroadcastChannel('knowbot.chats')

export function tellWindows(told: Told): void {
  windows.postMessage(told)
}

export function listenToWindows(listen: (told: Told) => void, signal: AbortSignal): void {
  windows.addEventListener('message', ({ data }) => listen(data as Told), { signal })
}

export async function loadChats(): Promise<void> {
  try {
    const query = chatQuery.peek()
    const { items, nextCursor } = await api.chats(null, query)
    if (query !== chatQuery.peek()) return // Somebody typed on.
    chats.value = items
    areChatsLoaded.value = true
    nextChats.value = nextCursor
    chatsError.value = null
  } catch (error) {
    if (!isSignedOut(error)) chatsError.value = asRequestError(error).message
  }
}

export async function findChats(query: string): Promise<void> {
  chatQuery.value = query
  await loadChats()
  if (chatQuery.peek() !== '') announce(t.announce.chatsFound(chats.peek().length))
}

export async function loadMoreChats(): Promise<void> {
  try {
    const { items, nextCursor } = await api.chats(nextChats.peek(), chatQuery.peek())
    chats.value = [...chats.value, ...items]
    nextChats.value = nextCursor
  } catch (error) {
    announce(asRequestError(error).message)
  }
}

export function addChat(chat: ChatAnswer): void {
  chats.value = [chat, ...chats.value]
  tellWindows({ type: 'listed' })
}

/** Answers why it did not work, if it did not. */
export async function renameChat(id: string, title: string): Promise<string | null> {
  try {
    const renamed = await api.renameChat(id, title)
    replaceChat(renamed)
    return null
  } catch (error) {
    return asRequestError(error).message
  }
}

export function replaceChat(changed: ChatAnswer): void {
  chats.value = chats.value.map((chat) => (chat.id === changed.id ? changed : chat))
  tellWindows({ type: 'listed' })
}

/** One that is gone already is deleted too. */
export async function removeChat(id: string): Promise<string | null> {
  try {
    await api.removeChat(id)
  } catch (error) {
    const { code, message } = asRequestError(error)
    if (code !== 'not_found') return message
  }
  dropChat(id)
  offerUndo({ id, count: 1 })
  announce(t.announce.chatDeleted)
  tellWindows({ type: 'removed', chatId: id })
  return null
}

/** Answers why it did not work, if it did not. */
export async function removeAllChats(): Promise<string | null> {
  try {
    const { chats: count } = await api.removeChats()
    for (const { id } of chats.peek()) tellWindows({ type: 'removed', chatId: id })
    chats.value = []
    nextChats.value = null
    if (count > 0) offerUndo({ id: null, count })
    announce(t.chatsDeleted(count))
    tellWindows({ type: 'listed' })
    return null
  } catch (error) {
    return asRequestError(error).message
  }
}

export async function bringBackChats(): Promise<void> {
  const removed = removedChats.peek()
  removedChats.value = null
  if (removed === null) return
  try {
    await (removed.id === null ? api.restoreChats() : api.restoreChat(removed.id))
    announce(t.announce.chatsBack)
    tellWindows({ type: 'listed' })
  } catch (error) {
    announce(asRequestError(error).message)
  }
  await loadChats()
}

/** As long as the server keeps them. */
const UNDO_MS = 10 * 60 * 1000
let undoTimer = 0

function offerUndo(removed: { id: string | null; count: number }): void {
  removedChats.value = removed
  clearTimeout(undoTimer)
  undoTimer = window.setTimeout(() => {
    removedChats.value = null
  }, UNDO_MS)
}

export function dropChat(id: string): void {
  chats.value = chats.value.filter((chat) => chat.id !== id)
}

export function forgetChats(): void {
  chats.value = []
  areChatsLoaded.value = false
  nextChats.value = null
  chatQuery.value = ''
  removedChats.value = null
}
