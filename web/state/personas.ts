/** The personas of the person, and which one the open chat has. */
import { computed, signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import type { PersonaAnswer } from '../wire.ts'
import { announce } from './announcer.ts'
import { chats, replaceChat } from './chats.ts'
import { newChatPersona, opened } from './conversation.ts'

export const personas = signal<readonly PersonaAnswer[]>([])

/** Null for none; undefined where it is not known. */
export const chosenPersona = computed<string | null | undefined>(() => {
  const chatId = opened.value.id.value
  if (chatId !== null) return chats.value.find(({ id }) => id === chatId)?.personaId
  const chosen = newChatPersona.value
  return chosen === undefined ? (personas.value.find(({ active }) => active)?.id ?? null) : chosen
})

export async function loadPersonas(): Promise<void> {
  // Without them everything else works: the choice is not shown.
  const slice = await api.personas(null).catch(() => undefined)
  if (slice !== undefined) personas.value = slice.items
}

/** From the next answer on. */
export async function choosePersona(personaId: string | null): Promise<void> {
  const chatId = opened.peek().id.peek()
  if (chatId === null) {
    newChatPersona.value = personaId
    return
  }
  try {
    replaceChat(await api.givePersona(chatId, personaId))
  } catch (error) {
    announce(asRequestError(error).message)
  }
}

export function forgetPersonas(): void {
  personas.value = []
  newChatPersona.value = undefined
}
