/**
 * What providers do when they are in trouble, and what becomes of it, in the words of both wire formats. Whoever shows or keeps
 * answers can run the same rows: before a first word there are the quotes, after it the text stays.
 */
import type { ErrorCode } from '../src/errors.ts'
import { begins, refuses, type Script, says, sends } from './support/model-double.ts'

export const FORMATS = ['openai-compatible', 'anthropic'] as const
export type Format = (typeof FORMATS)[number]

export interface ProviderFault {
  /** Completes "a provider …". */
  does: string
  /** `undefined`: nobody listens at the address. */
  script: ((format: Format) => Script) | undefined
  /** `undefined`: the answer is complete all the same. */
  code: ErrorCode | undefined
  /** In the message for people. */
  words: RegExp
  /** What was said before. */
  text: string
  /** How often the provider is asked, where it can count. */
  requests: number
}

/** Seconds to the first token under which the rows hold. */
export const FAULT_TIMEOUT_S = 2

const always = (script: Script) => () => script

/** An error behind a status that said that all is well. */
function errorEvent(type: string) {
  return (format: Format): Script => {
    const error = JSON.stringify({ type: 'error', error: { type, message: 'In the words of the provider' } })
    return sends(format === 'anthropic' ? `event: error\ndata: ${error}\n\n` : `data: ${error}\n\n`)
  }
}

const KEY_REFUSED = 'Incorrect API key provided'
const CREDIT = 'Your credit balance is too low to access the Anthropic API.'

export const PROVIDER_FAULTS: readonly ProviderFault[] = [
  fault('is not there', undefined, 'model_unreachable', /nothing listens there/, '', 0),
  fault('refuses the key', always(refuses(401, KEY_REFUSED)), 'model_refused', /did not accept the key/),
  fault(
    'refuses the key as Google does',
    always(refuses(400, 'API key not valid. Please pass a valid API key.')),
    'model_refused',
    /did not accept the key/,
  ),
  fault('does not know the model', always(refuses(404, 'model: double')), 'model_refused', /does not know the model/),
  fault(
    'refuses the request',
    always(refuses(400, 'prompt is too long')),
    'model_refused',
    /refused the request \(400\)/,
  ),
  fault('has a rate limit', always(refuses(429, 'Rate limit reached')), 'model_refused', /again in a moment/, '', 3),
  fault(
    'has a rate limit for longer than a reader waits',
    always(refuses(429, 'Rate limit reached', { 'retry-after': '7' })),
    'model_refused',
    /again in 7 s/,
  ),
  fault('was paid too little (OpenAI)', always(refuses(429, 'insufficient_quota')), 'model_refused', /is used up/),
  fault('was paid too little (Anthropic)', always(refuses(400, CREDIT)), 'model_refused', /is used up/),
  fault('fails inside', always(refuses(500, 'boom')), 'model_broken', /failed \(500\)/, '', 3),
  fault('is being restarted', always(refuses(503, 'unavailable')), 'model_unreachable', /not available/, '', 3),
  fault('is overloaded', always(refuses(529, 'Overloaded')), 'model_unreachable', /not available .*529/, '', 3),
  fault('is overloaded behind a 200', errorEvent('overloaded_error'), 'model_unreachable', /too much to do/, '', 3),
  fault('fails behind a 200', errorEvent('api_error'), 'model_broken', /failed/, '', 3),
  fault('is a gateway that waited in vain', always(refuses(504, 'time-out')), 'model_timeout', /took too long/, '', 3),
  fault('sends elsewhere', always(redirects()), 'model_refused', /not followed/),
  fault('is a page', always(sends('<h1>Welcome</h1>', 'text/html')), 'model_broken', /Expected a stream/),
  fault('sends garbage', always(sends('data: {"choices": [\n\n')), 'model_broken', /not JSON/),
  fault('sends bytes of no format', always(sends('\u0000\u0001\ufffd'.repeat(1000))), 'model_broken', /broke off/),
  fault('sends nothing', always(sends('')), 'model_broken', /broke off/),
  fault('answers without a word', always(says()), 'model_broken', /without a word/),
  fault('cuts the line', always(begins(['Forty', '-two'], 'cut')), 'model_broken', /broke off/, 'Forty-two'),
  fault('ends without an end', always(begins(['Forty'])), 'model_broken', /broke off/, 'Forty'),
  fault(
    'sends a line without an end',
    always(begins(['Forty'], endlessLine())),
    'model_broken',
    /without an end/,
    'Forty',
  ),
  fault(
    'sends garbage behind words',
    always(begins(['Forty'], { send: 'data: {{\n\n' })),
    'model_broken',
    /not JSON/,
    'Forty',
  ),
  fault('never answers', always({ isMute: true, steps: [] }), 'model_timeout', /did not begin to answer within 2 s/),
  fault('is silent from the start', always({ steps: ['silence'] }), 'model_timeout', /did not begin .* within 2 s/),
  fault('falls silent', always(begins(['Forty'], 'silence')), 'model_timeout', /fell silent .* 1 s/, 'Forty'),
  fault('is slow', always(slow()), undefined, /^$/, 'Forty-two seats.'),
]

function fault(
  does: string,
  script: ProviderFault['script'],
  code: ProviderFault['code'],
  words: RegExp,
  text = '',
  requests = 1,
): ProviderFault {
  return { does, script, code, words, text, requests }
}

function redirects(): Script {
  return { status: 307, headers: { location: 'http://127.0.0.1:1/' }, steps: [] }
}

function endlessLine(): { send: string } {
  return { send: `data: ${'x'.repeat(300 * 1024)}` }
}

/** Below the time-out to the first word, and below half of it between words. */
function slow(): Script {
  const pause = { waitMs: 500 }
  return { steps: [{ waitMs: 1000 }, { word: 'Forty' }, pause, { word: '-two' }, pause, { word: ' seats.' }, 'done'] }
}
