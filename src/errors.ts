/** Every way in which an operation can fail, by a code that never changes. Statuses for HTTP stand in `app/error-response.ts`. */

/** Code and its meaning; `docs/reference/errors.md` is written from this table. */
export const ERROR_MEANINGS = {
  // What the caller sent.
  bad_request: 'The request does not have the expected form.',
  body_too_large: 'The body is larger than this route accepts.',
  unauthenticated: 'Nobody is signed in, or the key is unknown, expired or revoked.',
  wrong_credentials: 'Name and password do not belong together.',
  wrong_setup_code: 'The set-up code is wrong, used up, or not needed any more.',
  forbidden: 'Signed in, but this needs a right that the caller does not have.',
  cross_site: 'A browser sent this change from a page of another site.',
  unknown_host: 'The Host header names a host that this server is not known by.',
  not_found: 'There is no such thing, or it is not yours.',
  method_not_allowed: 'The path exists, but not with this method.',
  conflict: 'The thing exists already, or is in a state that does not allow this.',
  unsupported_media_type: 'The body has a content type that this route does not read.',
  rate_limited: 'Too many attempts; the answer says when to try again.',
  // Documents.
  document_empty: 'The file has no bytes.',
  document_too_large: 'The file is larger than the upload limit.',
  unsupported_file_type: 'The content is of no type that can be read here.',
  document_damaged: 'The file breaks off or contradicts itself, and could not be repaired.',
  password_needed: 'The document is encrypted and needs its password.',
  wrong_password: 'The document did not open with the given password.',
  no_readable_text: 'No page of the document holds text that could be read.',
  image_too_large: 'The image has more pixels than may be decoded here.',
  page_limit: 'The page lies beyond the number of pages that are read of one document.',
  text_limit: 'The document holds more text than is read of one document.',
  page_unreadable: 'The page could not be read.',
  no_picture: 'The document is text without paper, so that there is no picture of its pages.',
  out_of_memory: 'Reading needs more memory than may be used for it.',
  read_timeout: 'Reading took longer than it may.',
  reader_crashed: 'The reader ended without a result, again and again.',
  language_unavailable: 'The text recognition has no data for this language.',
  cancelled: 'The work was cancelled.',
  // The server's own state.
  disk_full: 'The data folder has too little space left for this.',
  storage_busy: 'The database stayed locked for longer than a request may wait.',
  storage_newer: 'The data folder was written by a newer version of the program.',
  storage_damaged: 'The database or an original is damaged.',
  folder_in_use: 'Another server runs on this data folder.',
  overloaded: 'The server has as much to do as it can hold; try again shortly.',
  shutting_down: 'The server is stopping.',
  interrupted: 'The process that wrote this ended before it was finished.',
  tokens_spent: 'The tokens that a person may have a model write in a day are spent.',
  model_unreachable: 'The model server could not be reached.',
  model_refused: 'The model server refused the request.',
  model_timeout: 'The model server did not answer in time.',
  model_broken: 'The model server answered with something that is not an answer.',
  web_search_failed: 'The search engine for the web gave no results that can be used.',
  // The command line and the settings.
  invalid_setting: 'A setting is unknown or its value is malformed.',
  usage: 'The command was not called as it expects.',
  unavailable: 'This machine lacks what the operation needs.',
  internal: 'A mistake of ours; the log has the details.',
} as const

export type ErrorCode = keyof typeof ERROR_MEANINGS

/** A failed operation. The message is for people: what was expected, what came, what to do. The code is for programs. */
export class KnowBotError extends Error {
  override readonly name = 'KnowBotError'
  readonly code: ErrorCode
  /** Seconds after which trying again makes sense, where that is known. */
  readonly retryAfterS: number | undefined

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryAfterS?: number }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.retryAfterS = options?.retryAfterS
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_MEANINGS, value)
}

/** Any thrown value as a `KnowBotError`: what is not ours becomes `internal`, with the original as its cause. */
export function toKnowBotError(error: unknown): KnowBotError {
  if (error instanceof KnowBotError) return error
  return new KnowBotError('internal', 'Something went wrong on our side. The log has the details.', { cause: error })
}
