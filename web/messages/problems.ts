/** Sentences for what the server says in English: the sentence of the code, then the figures that only the server knows. */
import type { ErrorCode } from '../wire.ts'

export function explained(sentences: Partial<Record<ErrorCode, string>>): (code: string, detail: string) => string {
  return (code, detail) => {
    const sentence = (sentences as Record<string, string | undefined>)[code]
    return sentence === undefined ? detail : `${sentence} (${detail})`
  }
}
