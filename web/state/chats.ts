/** The chats of the person, newest first. What one window of a browser changes, the others are told. */
import { signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import type { ChatAnswer } from '../wire.ts'
import { announce } from './announcer.ts'
import { isSignedOut } from './session.ts'

export const chats = signal<readonly ChatAnswer[]>([])
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
    const { items, nextCursor } = await api.chats(null)
    chats.value = items
    nextChats.value = nextCursor
    chatsError.value = null
  } catch (error) {
    if (!isSignedOut(error)) chatsError.value = asRequestError(error).message
  }
}

export async function loadMoreChats(): Promise<void> {
  try {
    const { items, nextCursor } = await api.chats(nextChats.peek())
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
  announce(t.announce.chatDeleted)
  tellWindows({ type: 'removed', chatId: id })
  return null
}

export function dropChat(id: string): void {
  chats.value = chats.value.filter((chat) => chat.id !== id)
}

export function forgetChats(): void {
  chats.value = []
  nextChats.value = null
}
