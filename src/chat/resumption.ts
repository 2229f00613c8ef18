/** An answer that broke off, taken up again. */
import type { AnswerEvent, Source } from './events.ts'
import type { Kept } from './turns.ts'

/** An interrupted answer is gone on with when the numbers in it still mean the same; otherwise it begins anew. */
export function* takeUp(
  { kept, ids }: { kept?: Kept; ids: { messageId: string | null } },
  isWriting: boolean,
  sources: readonly Source[],
): Generator<AnswerEvent, void, undefined> {
  if (!kept) return
  const canGoOn = isWriting && JSON.stringify(kept.sources) === JSON.stringify(sources)
  yield resetTo(ids.messageId, canGoOn ? kept : undefined)
}

export function resetTo(messageId: string | null, kept: Kept | undefined): AnswerEvent {
  return { type: 'answer-reset', messageId, answer: wholeWords(kept?.answer ?? ''), citations: kept?.citations ?? [] }
}

/** Where it broke off within a word, nobody can tell from one that was at its end: the last word is written again. */
function wholeWords(text: string): string {
  const whole = text.replace(/[\p{L}\p{M}\p{N}'’-]{1,40}$/u, '')
  return whole === '' || /\s$/.test(whole) ? whole : `${whole} `
}
