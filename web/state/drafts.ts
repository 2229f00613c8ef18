/** What somebody has begun to ask, in each chat. It survives a reload of the window, and goes with the person. */
import { effect, signal } from '@preact/signals'
import { type Conversation, opened } from './conversation.ts'

const PREFIX = 'knowbot.draft.'

/** Of the chat that is open. */
export const draft = signal('')

export function keepDraft(text: string): void {
  draft.value = text
  const key = keyOf(opened.peek())
  if (text === '') sessionStorage.removeItem(key)
  else sessionStorage.setItem(key, text)
}

/** What one person began to ask is nothing for the next. */
export function forgetDrafts(): void {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key)
  draft.value = ''
}

let shown: Conversation | undefined

effect(() => {
  const conversation = opened.value
  const key = keyOf(conversation)
  // The first question has given the chat its id: what was typed meanwhile goes along.
  if (shown === conversation && draft.peek() !== '') {
    sessionStorage.removeItem(`${PREFIX}new`)
    sessionStorage.setItem(key, draft.peek())
  } else draft.value = sessionStorage.getItem(key) ?? ''
  shown = conversation
})

function keyOf({ id }: Conversation): string {
  return PREFIX + (id.value ?? 'new')
}
