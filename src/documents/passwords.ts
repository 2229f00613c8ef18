/**
 * Passwords of documents on their way from the request that brings one to the job that needs it. They are in memory only and
 * for ten minutes at most: see docs/decisions/0010-password-of-a-document.md.
 *
 * The job asks for the password of its document (`document-password-wanted`), whichever process holds it answers
 * (`document-password`). Nobody answers when that process is gone: then the document fails with `password_needed` again.
 */
import type { JsonValue } from '../lib/json.ts'
import type { Messages } from '../lib/messages.ts'
import { MINUTE_MS, SECOND_MS } from '../lib/units.ts'

const WANTED = 'document-password-wanted'
const GIVEN = 'document-password'
const SETTLED = 'document-password-settled'
const KEPT_MS = 10 * MINUTE_MS
const KEPT_MAX = 1000
const ANSWER_MS_MAX = 3 * SECOND_MS

export interface Passwords {
  /** Holds it ready for whoever reads this document. */
  offer(documentId: string, password: string): void
  /** Nobody needs it any more: whichever process holds it forgets it. */
  settle(documentId: string): void
  /** What some process holds for this document. */
  ask(documentId: string): Promise<string | undefined>
}

export function openPasswords(messages: Messages): Passwords {
  const kept = new Map<string, { password: string; timer: NodeJS.Timeout }>()
  const forget = (documentId: string) => {
    clearTimeout(kept.get(documentId)?.timer)
    kept.delete(documentId)
  }
  messages.subscribe(WANTED, (documentId) => {
    if (typeof documentId !== 'string') return
    const held = kept.get(documentId)
    if (held) messages.publish(GIVEN, { documentId, password: held.password })
  })
  messages.subscribe(SETTLED, (documentId) => {
    if (typeof documentId === 'string') forget(documentId)
  })
  return {
    offer(documentId, password) {
      forget(documentId)
      const oldest = kept.size >= KEPT_MAX ? kept.keys().next().value : undefined
      if (oldest !== undefined) forget(oldest)
      // The timer must not keep a process alive that has nothing else to do.
      kept.set(documentId, { password, timer: setTimeout(() => forget(documentId), KEPT_MS).unref() })
    },
    settle: (documentId) => messages.publish(SETTLED, documentId),
    async ask(documentId) {
      const held = kept.get(documentId)
      if (held) return held.password
      const { promise, resolve } = Promise.withResolvers<string | undefined>()
      const stopListening = messages.subscribe(GIVEN, (answer) => {
        if (isAnswer(answer) && answer.documentId === documentId) resolve(answer.password)
      })
      const timer = setTimeout(resolve, ANSWER_MS_MAX, undefined)
      messages.publish(WANTED, documentId)
      const password = await promise
      clearTimeout(timer)
      stopListening()
      return password
    },
  }
}

function isAnswer(data: JsonValue): data is { documentId: string; password: string } {
  const { documentId, password } = (data ?? {}) as { documentId?: JsonValue; password?: JsonValue }
  return typeof documentId === 'string' && typeof password === 'string'
}
