/** A JSON body: bounded, decoded, measured in depth, parsed and checked, in this order, each with a refusal that says why. */
import * as v from 'valibot'
import { KnowBotError } from '../errors.ts'
import { printBytes } from '../lib/units.ts'

const LEVELS_MAX = 64
const ISSUES_TOLD_MAX = 3

/** The body as the schema has it. An empty body is `{}` where the schema takes that, so that bodies of wishes may be left out. */
export async function readJson<const S extends v.GenericSchema>(
  request: Request,
  schema: S,
  bytesMax: number,
): Promise<v.InferOutput<S>> {
  const bytes = await readBytes(request, bytesMax)
  if (bytes.byteLength === 0 && v.is(schema, {})) return v.parse(schema, {})
  assertJsonType(request)
  if (bytes.byteLength === 0) throw bad('Expected a JSON object as the body, got nothing.')
  const value = parse(decode(bytes))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw bad(`Expected a JSON object as the body, got ${nameOf(value)}.`)
  }
  return check(schema, value, 'the body')
}

function nameOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  return typeof value === 'boolean' ? String(value) : `a ${typeof value}`
}

/** The value as the schema has it, or a sentence on the first things that are otherwise. */
export function check<const S extends v.GenericSchema>(schema: S, value: unknown, where: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const told = result.issues.slice(0, ISSUES_TOLD_MAX).map(tell)
  const more = result.issues.length > ISSUES_TOLD_MAX ? `; and ${result.issues.length - ISSUES_TOLD_MAX} more` : ''
  throw bad(`In ${where}: ${told.join('; ')}${more}.`)
}

/** `query: expected a string, got null` */
function tell(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)?.slice(0, 100)
  const at = path === undefined || path === '' ? '' : `${path}: `
  if (issue.type === 'strict_object' && issue.expected === 'never') return `${at}there is no such key`
  if (issue.type === 'strict_object' && issue.received === 'undefined') return `${at}this is missing`
  // Our own sentences begin like this; those of the library are told in our words.
  const own = /^Expected (?!.*received)(.*)$/.exec(issue.message)?.[1]
  const expected = own ?? readable(issue)
  return `${at}expected ${expected}${own?.includes(', got ') ? '' : `, got ${readableGot(issue)}`}`
}

function readable({ type, expected, kind, requirement }: v.BaseIssue<unknown>): string {
  if (kind === 'schema') return NAMES[expected ?? ''] ?? expected ?? type
  switch (type) {
    case 'max_length':
      return `at most ${requirement} characters or entries`
    case 'min_length':
      return `at least ${requirement} characters or entries`
    case 'max_value':
      return `at most ${requirement}`
    case 'min_value':
      return `at least ${requirement}`
    case 'integer':
      return 'a whole number'
    default:
      return expected ?? type
  }
}

const NAMES: Readonly<Record<string, string>> = {
  Object: 'an object',
  Array: 'an array',
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
}

/** What came, never more of it than a word. */
function readableGot({ received, input }: v.BaseIssue<unknown>): string {
  if (typeof input === 'string' && input.length > 40) return `${input.length} characters`
  if (Array.isArray(input)) return 'an array'
  return received === 'undefined' ? 'nothing' : received === 'Object' ? 'an object' : received.slice(0, 60)
}

async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0)
  if (declared > bytesMax) throw tooLarge(printBytes(declared), bytesMax)
  if (!request.body) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of unreadBody(request.body)) {
    size += chunk.byteLength
    if (size > bytesMax) throw tooLarge('more', bytesMax)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/** Leaving the loop leaves the rest unread: cancelling would close the line before the refusal is through. */
export function unreadBody(body: ReadableStream<Uint8Array>): AsyncIterable<Uint8Array> {
  return body.values({ preventCancel: true })
}

function assertJsonType(request: Request): void {
  const type = request.headers.get('content-type')
  const [essence = '', ...parameters] = (type ?? '').toLowerCase().split(';')
  const charset = parameters.map((parameter) => /^\s*charset="?([\w-]+)"?\s*$/.exec(parameter)?.[1]).find(Boolean)
  const isJson = /^application\/([\w.-]+\+)?json$/.test(essence.trim()) && (charset ?? 'utf-8') === 'utf-8'
  if (isJson && (request.headers.get('content-encoding') ?? 'identity') === 'identity') return
  const got = [type ?? 'no Content-Type', request.headers.get('content-encoding')].filter(Boolean).join(', ')
  throw new KnowBotError(
    'unsupported_media_type',
    `Expected Content-Type: application/json in UTF-8, not compressed, got ${got.slice(0, 100)}.`,
  )
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw bad('Expected JSON in UTF-8, got bytes that are no UTF-8. Encode the body as UTF-8.', cause)
  }
}

function parse(text: string): unknown {
  const levels = depthOf(text)
  if (levels > LEVELS_MAX) throw bad(`Expected JSON of at most ${LEVELS_MAX} levels, got ${levels}.`)
  try {
    return JSON.parse(text)
  } catch (cause) {
    // The parser's message quotes what it met, at most a few characters.
    throw bad(`Expected JSON, got something else: ${(cause as Error).message.slice(0, 120)}.`, cause)
  }
}

/** How deep brackets nest, outside of strings, whether or not the text is JSON otherwise. A plain loop: 1 MB takes 3 ms. */
export function depthOf(text: string): number {
  let depth = 0
  let deepest = 0
  let isString = false
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (isString) {
      if (character === '\\') index++
      else if (character === '"') isString = false
    } else if (character === '"') isString = true
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth)
    else if (character === ']' || character === '}') depth--
  }
  return deepest
}

function tooLarge(got: string, bytesMax: number): KnowBotError {
  return new KnowBotError('body_too_large', `Expected a body of at most ${printBytes(bytesMax)}, got ${got}.`)
}

function bad(message: string, cause?: unknown): KnowBotError {
  return new KnowBotError('bad_request', message, { cause })
}
