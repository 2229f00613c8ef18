/** Names of users, keys and the like: shown to people, so nothing that hides or turns the writing. */
import { KnowBotError } from '../errors.ts'

const USERNAME = /^[\p{L}\p{N}][\p{L}\p{M}\p{N} ._@+-]*$/u
const USERNAME_CHARACTERS_MAX = 64
const LABEL_CHARACTERS_MAX = 100

/** One spelling for what looks the same (NFKC). Throws `bad_request`. */
export function readUsername(text: string): string {
  const name = text.normalize('NFKC').trim()
  if (name.length <= USERNAME_CHARACTERS_MAX && USERNAME.test(name)) return name
  const message = `Expected a user name of 1 to ${USERNAME_CHARACTERS_MAX} letters, digits, spaces and . _ @ + -, beginning with a letter or digit.`
  throw new KnowBotError('bad_request', message)
}

/** What somebody calls a thing of theirs. Throws `bad_request`. */
export function readLabel(text: string): string {
  const label = text.normalize('NFC').trim()
  if (label.length > 0 && label.length <= LABEL_CHARACTERS_MAX && !/\p{C}/u.test(label)) return label
  throw new KnowBotError('bad_request', `Expected a name of 1 to ${LABEL_CHARACTERS_MAX} characters that can be shown.`)
}
