/** The one place where an error becomes a status and a problem object (RFC 9457). */
import type { ProblemAnswer } from '../api.ts'
import { ERROR_MEANINGS, type ErrorCode, type KnowBotError, toKnowBotError } from '../errors.ts'
import type { Log } from '../lib/log.ts'

/** A code without a status does not compile. */
export const STATUS = {
  bad_request: 400,
  body_too_large: 413,
  unauthenticated: 401,
  wrong_credentials: 401,
  wrong_setup_code: 403,
  forbidden: 403,
  cross_site: 403,
  unknown_host: 421,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  unsupported_media_type: 415,
  rate_limited: 429,

  document_empty: 400,
  document_too_large: 413,
  unsupported_file_type: 415,
  document_damaged: 422,
  password_needed: 422,
  wrong_password: 422,
  no_readable_text: 422,
  image_too_large: 422,
  page_limit: 422,
  text_limit: 422,
  page_unreadable: 422,
  no_picture: 404,
  out_of_memory: 503,
  read_timeout: 503,
  reader_crashed: 500,
  language_unavailable: 400,
  cancelled: 409,

  disk_full: 507,
  storage_busy: 503,
  storage_newer: 503,
  storage_damaged: 500,
  folder_in_use: 503,
  overloaded: 503,
  shutting_down: 503,
  interrupted: 503,
  tokens_spent: 429,
  web_search_failed: 502,
  model_unreachable: 502,
  model_refused: 502,
  model_timeout: 504,
  model_broken: 502,

  invalid_setting: 500,
  usage: 500,
  unavailable: 503,
  internal: 500,
} as const satisfies Record<ErrorCode, number>

/** When to come back, where nobody knows better: 503 and 429 always say it. */
const RETRY_AFTER_S = 5

export function problemOf(error: KnowBotError): ProblemAnswer {
  const { code, message } = error
  return {
    type: `urn:knowbot:problem:${code}`,
    title: ERROR_MEANINGS[code],
    status: STATUS[code],
    code,
    detail: message,
  }
}

/** Whatever was thrown, as an answer. What is our own mistake is logged, and its details stay in the log. */
export function errorResponse(thrown: unknown, log: Log, request: { method: string; path: string }): Response {
  const error = toKnowBotError(thrown)
  const problem = problemOf(error)
  if (problem.status >= 500) {
    const cause = error.cause instanceof Error ? error.cause : undefined
    log[error.code === 'internal' ? 'error' : 'warn']('request-failed', {
      ...request,
      code: error.code,
      error: cause ?? error,
    })
  }
  return Response.json(problem, {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json', ...headersOf(error, problem.status) },
  })
}

function headersOf(error: KnowBotError, status: number): Record<string, string> {
  const headers: Record<string, string> = {}
  // The scheme that programs use; there is no challenge that would make a browser ask for a password.
  if (error.code === 'unauthenticated') headers['www-authenticate'] = 'Bearer realm="KnowBot"'
  if (error.retryAfterS !== undefined || status === 429 || status === 503)
    headers['retry-after'] = String(error.retryAfterS ?? RETRY_AFTER_S)
  return headers
}
