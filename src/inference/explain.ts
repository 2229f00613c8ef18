/**
 * What went wrong with a model server, in words for people. The provider's own words may hold account names or a part of the
 * key: they become the cause, for the log, cut short and without the key, and never the message.
 */
import { KnowBotError } from '../errors.ts'
import { ModelError } from './model-error.ts'
import type { ModelSetting } from './providers.ts'

const CAUSE_CHARACTERS_MAX = 500
const RETRY_AFTER_S_MAX = 3600

/** What of a model server is said to people. */
export interface NamedServer {
  baseUrl: string
  model: string
  key: string | undefined
  /** Where it was named. */
  setting: ModelSetting
  /** What a good answer of it is. */
  expects: 'a stream' | 'JSON'
}

export function explainNetworkError(server: NamedServer, error: unknown): KnowBotError {
  if (error instanceof KnowBotError) return error
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const where = new URL(server.baseUrl).host
  const what = NETWORK_ERRORS[code] ?? 'the connection broke'
  // What had begun to answer and is cut off was reached: the stream is broken, not the way to it.
  const isCutOff = code === 'ECONNRESET' && (error as Error).message === 'aborted'
  if (isCutOff) {
    const text = `The model ${server.model} broke off in the middle of its answer.`
    return new ModelError('model_broken', 'lasting', text, { cause: error })
  }
  return new ModelError(
    'model_unreachable',
    PASSING_NETWORK_ERRORS.has(code) ? 'passing' : 'lasting',
    `The model server at ${where} could not be reached: ${what}. Check that it runs, and ${server.setting}_URL.`,
    { cause: error },
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

/** What a server that is being restarted looks like. */
const PASSING_NETWORK_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EAI_AGAIN'])

/** Google answers a wrong key with 400. */
const WRONG_KEY = /api.?key.?(?:not valid|invalid)/i
/** Waiting does not help where money has run out: OpenAI says that with 429, Anthropic with 400 or 429, others with 402. */
const USED_UP = /insufficient_quota|credit.?balance|spend.?limit/i

/** What both clients know of an answer. */
interface Answered {
  statusCode?: number | undefined
  headers: Readonly<Record<string, string | string[] | undefined>>
}

/** An answer that is no stream, by its status. */
export function explainStatus(server: NamedServer, response: Answered, body: string): ModelError {
  const status = response.statusCode ?? 0
  const cause = causeOf(server, body)
  const retryAfterS = readRetryAfter(response.headers['retry-after'])
  const options = retryAfterS === undefined ? { cause } : { cause, retryAfterS }
  if (status === 401 || status === 403 || (status === 400 && WRONG_KEY.test(body))) {
    const text = `The model server did not accept the key (${status}). Check ${server.setting}_KEY.`
    return new ModelError('model_refused', 'lasting', text, options)
  }
  if (status === 404) {
    const text = `The model server does not know the model ${server.model}, or has no such path (404). Check ${server.setting} and, where it is set, ${server.setting}_URL, which ends in /v1.`
    return new ModelError('model_refused', 'lasting', text, options)
  }
  if (status === 402 || ((status === 400 || status === 429) && USED_UP.test(body))) {
    const text = `The model server takes no more requests (${status}): the account's credit or quota is used up. Check it with the provider.`
    return new ModelError('model_refused', 'lasting', text, options)
  }
  if (status === 429) {
    const when = retryAfterS === undefined ? 'in a moment' : `in ${retryAfterS} s`
    const text = `The model server takes no more requests at the moment (429): a rate limit or a used-up quota. Try again ${when}.`
    return new ModelError('model_refused', 'passing', text, options)
  }
  if (status === 408 || status === 504) {
    return new ModelError('model_timeout', 'passing', `The model server took too long (${status}).`, options)
  }
  // Anthropic says 529 where it has too much to do.
  if (status === 502 || status === 503 || status === 529) {
    const text = `The model server is not available at the moment (${status}).`
    return new ModelError('model_unreachable', 'passing', text, options)
  }
  if (status >= 500) return new ModelError('model_broken', 'passing', `The model server failed (${status}).`, options)
  if (status >= 400) {
    return new ModelError('model_refused', 'answer', `The model server refused the request (${status}).`, options)
  }
  if (status >= 300) {
    const text = `The model server sends elsewhere (${status}), which is not followed. Check ${server.setting}_URL.`
    return new ModelError('model_refused', 'lasting', text, options)
  }
  const type = response.headers['content-type'] ?? 'nothing'
  const text = `Expected ${server.expects} from the model server, got ${type}. Check ${server.setting}_URL.`
  return new ModelError('model_broken', 'lasting', text, options)
}

/** An error that arrives as an event of the stream, behind a status that said that all is well: `{"message", "type", "code"}`. */
export function explainStreamError({ model, key }: NamedServer, error: unknown): ModelError {
  const cause = causeOf({ key }, JSON.stringify(error))
  if (/overloaded/i.test(cause)) {
    const text = `The provider of ${model} has too much to do at the moment.`
    return new ModelError('model_unreachable', 'passing', text, { cause })
  }
  if (/rate.?limit|quota/i.test(cause)) {
    const text = `The provider of ${model} stopped the answer: a rate limit or a used-up quota.`
    return new ModelError('model_refused', USED_UP.test(cause) ? 'lasting' : 'passing', text, { cause })
  }
  return new ModelError('model_broken', 'passing', `The model ${model} failed in the middle of its answer.`, { cause })
}

function causeOf({ key }: Pick<NamedServer, 'key'>, text: string): string {
  const withoutKey = key === undefined ? text : text.replaceAll(key, '…')
  // OpenAI repeats the beginning and the end of a wrong key.
  const masked = withoutKey.replace(/\b(?:(?:sk|gsk)[-_]|AIza)[\w*.-]+/g, '…')
  return masked.replace(/\s+/g, ' ').slice(0, CAUSE_CHARACTERS_MAX)
}

function readRetryAfter(value: string | string[] | undefined): number | undefined {
  const seconds = Number(value)
  return value !== undefined && seconds > 0 && seconds <= RETRY_AFTER_S_MAX ? Math.ceil(seconds) : undefined
}
