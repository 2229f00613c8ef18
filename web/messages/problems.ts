/** Sentences for what the server says in English: the sentence of the code, then the figures that only the server knows. */
import type { ErrorCode } from '../wire.ts'

export function explained(sentences: Partial<Record<ErrorCode, string>>): (code: string, detail: string) => string {
  return (code, detail) => {
    const sentence = (sentences as Record<string, string | undefined>)[code]
    return sentence === undefined ? detail : `${sentence} (${detail})`
  }
}

/** The steps of an answer by their names; `NAME-end` where a step that has ended is called otherwise. */
export function steps(
  words: Readonly<Record<string, string>>,
): (name: string, label: string, hasEnded: boolean) => string {
  return (name, label, hasEnded) => (hasEnded ? words[`${name}-end`] : undefined) ?? words[name] ?? label
}
