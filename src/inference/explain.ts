/**
 * What went wrong with a model server, in words for people. The provider's own words may hold account names or a part of the
 * key: they become the cause, for the log, cut short and without the key, and never the message.
 */
import type { IncomingMessage } from 'node:http'
import { KnowBotError } from '../errors.ts'
import type { ModelServer } from './request.ts'

const CAUSE_CHARACTERS_MAX = 500
const RETRY_AFTER_S_MAX = 3600

export function explainNetworkError(server: ModelServer, error: unknown): KnowBotError {
  if (error instanceof KnowBotError) return error
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const where = new URL(server.baseUrl).host
  const what = NETWORK_ERRORS[code] ?? 'the connection broke'
  // What had begun to answer and is cut off was reached: the stream is broken, not the way to it.
  const isCutOff = code === 'ECONNRESET' && (error as Error).message === 'aborted'
  if (isCutOff) {
    return new KnowBotError('model_broken', `The model ${server.model} broke off in the middle of its answer.`, {
      cause: error,
    })
  }
  const advice = 'Check that it runs, and KNOWBOT_MODEL_URL.'
  return new KnowBotError(
    'model_unreachable',
    `The model server at ${where} could not be reached: ${what}. ${advice}`,
    {
      cause: error,
    },
  )
}

const NETWORK_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up',
  ETIMEDOUT: 'it did not accept the connection',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ECONNRESET: 'it closed the connection',
  EPROTO: 'it does not speak TLS there',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate could not be verified',
}

/** An answer that is no stream, by its status. */
export function explainStatus(server: ModelServer, response: IncomingMessage, body: string): KnowBotError {
  const status = response.statusCode ?? 0
  const cause = causeOf(server, body)
  const retryAfterS = readRetryAfter(response.headers['retry-after'])
  const options = retryAfterS === undefined ? { cause } : { cause, retryAfterS }
  const refused = (text: string) => new KnowBotError('model_refused', text, options)
  if (status === 401 || status === 403) {
    return refused(`The model server did not accept the key (${status}). Check KNOWBOT_MODEL_KEY.`)
  }
  if (status === 404) {
    return refused(
      `The model server does not know the model ${server.model}, or has no such path (404). Check KNOWBOT_MODEL and KNOWBOT_MODEL_URL, which ends in /v1.`,
    )
  }
  if (status === 429) {
    const when = retryAfterS === undefined ? 'in a moment' : `in ${retryAfterS} s`
    return refused(
      `The model server takes no more requests at the moment (429): a rate limit or a used-up quota. Try again ${when}.`,
    )
  }
  if (status === 408 || status === 504) {
    return new KnowBotError('model_timeout', `The model server took too long (${status}).`, options)
  }
  if (status === 502 || status === 503 || status === 529) {
    return new KnowBotError(
      'model_unreachable',
      `The model server is not available at the moment (${status}).`,
      options,
    )
  }
  if (status >= 500) return new KnowBotError('model_broken', `The model server failed (${status}).`, options)
  if (status >= 400) return refused(`The model server refused the request (${status}).`)
  if (status >= 300) {
    return refused(`The model server sends elsewhere (${status}), which is not followed. Check KNOWBOT_MODEL_URL.`)
  }
  const type = response.headers['content-type'] ?? 'nothing'
  return new KnowBotError(
    'model_broken',
    `Expected a stream from the model server, got ${type}. Check KNOWBOT_MODEL_URL.`,
    options,
  )
}

/** An error that arrives as an event of the stream: `{"error": {"message", "type", "code"}}`. */
export function explainStreamError(server: ModelServer, error: unknown): KnowBotError {
  const cause = causeOf(server, JSON.stringify(error))
  const isLimit = /rate.?limit|quota/i.test(cause)
  return isLimit
    ? new KnowBotError(
        'model_refused',
        `The provider of ${server.model} stopped the answer: a rate limit or a used-up quota.`,
        { cause },
      )
    : new KnowBotError('model_broken', `The model ${server.model} failed in the middle of its answer.`, { cause })
}

function causeOf({ key }: ModelServer, text: string): string {
  const withoutKey = key === undefined ? text : text.replaceAll(key, '…')
  // OpenAI repeats the beginning and the end of a wrong key.
  const masked = withoutKey.replace(/\b(?:sk|gsk)[-_][\w*.-]+/g, '…')
  return masked.replace(/\s+/g, ' ').slice(0, CAUSE_CHARACTERS_MAX)
}

function readRetryAfter(value: string | undefined): number | undefined {
  const seconds = Number(value)
  return value !== undefined && seconds > 0 && seconds <= RETRY_AFTER_S_MAX ? Math.ceil(seconds) : undefined
}
