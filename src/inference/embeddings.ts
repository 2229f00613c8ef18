/**
 * Texts to vectors, for a question at once and for passages in batches. Attempts, circuit and explanations are those of the
 * chat's door; what comes back is checked before anybody sees it: as many vectors as texts, one dimension, finite, not zero.
 */
import { KnowBotError } from '../errors.ts'
import { KIB, MIB, SECOND_MS } from '../lib/units.ts'
import { Circuit } from './circuit.ts'
import type { Clock } from './clock.ts'
import { EMBEDDING_FORMATS, type EmbeddingFormat, instructionFor } from './embedding-formats.ts'
import type { NamedServer } from './explain.ts'
import { ModelError } from './model-error.ts'
import { postForJson } from './post-json.ts'
import { PROVIDERS, type Provider } from './providers.ts'

export interface Embedder {
  /** As people set it: `ollama:nomic-embed-text`. */
  readonly name: string
  /**
   * One vector of unit length per text, all of one dimension. Throws `model_unreachable`, `model_refused`, `model_timeout` or
   * `model_broken`; a text that the server refuses by itself is `undefined`.
   */
  embedPassages(texts: readonly string[], signal: AbortSignal): Promise<(Float32Array | undefined)[]>
  /** One attempt within the time, because somebody waits. */
  embedQuery(text: string, timeoutMs: number, signal: AbortSignal): Promise<Float32Array>
}

/** What one server of embeddings offers. */
export interface Embedders {
  /** The model that is set. */
  readonly name: string
  /** Another model of the same provider, which the same server may have: of former generations. Undefined for other providers. */
  of(name: string): Embedder | undefined
}

export interface EmbedderSettings {
  provider: Provider
  model: string
  url?: string
  key?: string
}

/** One request: so many texts, and so much of them. Servers take up to 2,048 texts or 300,000 tokens; small ones work longer. */
const TEXTS_MAX = 64
const TEXT_BYTES_MAX = 64 * KIB
/** 4,096 numbers of 25 characters for each text. */
const ANSWER_BYTES_MAX = 8 * MIB
const DIMENSION_MAX = 8192
/** A model that is being loaded takes its time. */
const BATCH_MS_MAX = 60 * SECOND_MS
const BACK_OFF_MS = [300, 1000] as const
/** Whoever works in the background may wait for a rate limit, instead of giving its place up. */
const RETRY_AFTER_MS_MAX = 5 * SECOND_MS

/** Throws `invalid_setting` where the provider makes no embeddings, or something that it needs is not set. */
export function createEmbedders(settings: EmbedderSettings, clock: Clock): Embedders {
  const embedder = createEmbedder(settings, clock)
  const known = new Map([[embedder.name, embedder]])
  const provider = `${settings.provider}:`
  return {
    name: embedder.name,
    of(name) {
      if (!name.startsWith(provider)) return undefined
      const one = known.get(name) ?? createEmbedder({ ...settings, model: name.slice(provider.length) }, clock)
      known.set(name, one)
      return one
    },
  }
}

function createEmbedder({ provider, model, url, key }: EmbedderSettings, clock: Clock): Embedder {
  const { baseUrl, keyIsNeeded } = PROVIDERS[provider]
  const format = EMBEDDING_FORMATS[provider]
  const base = url ?? baseUrl
  if (!format) {
    const able = Object.keys(EMBEDDING_FORMATS).join(', ')
    throw invalid(`KNOWBOT_EMBEDDINGS: ${provider} makes no embeddings; expected one of the providers ${able}`)
  }
  if (base === undefined) {
    throw invalid(`KNOWBOT_EMBEDDINGS_URL: ${provider}:${model} needs it, the base address of the server with its /v1`)
  }
  if (keyIsNeeded && key === undefined) throw invalid(`KNOWBOT_EMBEDDINGS_KEY: ${provider}:${model} needs it`)

  const address = format.base(base.replace(/\/+$/, ''))
  const server = { baseUrl: address, model, key, setting: 'KNOWBOT_EMBEDDINGS', expects: 'JSON' } as const
  const ask = { server, format, circuit: new Circuit(clock), clock }
  return {
    name: `${provider}:${model}`,
    async embedPassages(texts, signal) {
      const vectors: (Float32Array | undefined)[] = []
      const prefixed = texts.map((text) => instructionFor(model, 'passage') + text)
      for (const batch of batches(prefixed)) vectors.push(...(await embedBatch(ask, batch, signal)))
      assertOneDimension(server, vectors)
      return vectors
    },
    async embedQuery(text, timeoutMs, signal) {
      using passage = ask.circuit.enter()
      try {
        const [vector] = await attempt(ask, [instructionFor(model, 'query') + text], timeoutMs, signal)
        passage.ended()
        return vector!
      } catch (error) {
        if (!signal.aborted) passage.failed(error)
        throw error
      }
    },
  }
}

interface Asking {
  server: NamedServer
  format: EmbeddingFormat
  circuit: Circuit
  clock: Clock
}

function* batches(texts: readonly string[]): Generator<readonly string[]> {
  let batch: string[] = []
  let bytes = 0
  for (const text of texts) {
    const size = Buffer.byteLength(text)
    if (batch.length > 0 && (batch.length === TEXTS_MAX || bytes + size > TEXT_BYTES_MAX)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(text)
    bytes += size
  }
  if (batch.length > 0) yield batch
}

/** What a server has against a batch may lie in one text of it: halves are asked alone, down to that text. */
async function embedBatch(
  asking: Asking,
  texts: readonly string[],
  signal: AbortSignal,
): Promise<(Float32Array | undefined)[]> {
  try {
    return await withAttempts(asking, texts, signal)
  } catch (error) {
    if (!(error instanceof ModelError) || error.code !== 'model_refused' || error.trouble !== 'answer') throw error
    // Whoever refuses a word as well has something against us, not against a text.
    await withAttempts(asking, ['word'], signal)
    if (texts.length === 1) return [undefined]
    const middle = texts.length >> 1
    const first = await embedBatch(asking, texts.slice(0, middle), signal)
    return [...first, ...(await embedBatch(asking, texts.slice(middle), signal))]
  }
}

/** All attempts at one batch count once for the circuit. */
async function withAttempts(asking: Asking, texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
  using passage = asking.circuit.enter()
  for (let attempts = 1; ; attempts++) {
    try {
      const vectors = await attempt(asking, texts, BATCH_MS_MAX, signal)
      passage.ended()
      return vectors
    } catch (error) {
      const waitMs = signal.aborted ? undefined : waitBefore(attempts, error)
      if (waitMs === undefined) {
        if (!signal.aborted) passage.failed(error)
        throw error
      }
      await asking.clock.wait(waitMs, signal)
    }
  }
}

/** Undefined where another attempt makes no sense now. */
function waitBefore(attempts: number, error: unknown): number | undefined {
  const backOffMs = BACK_OFF_MS[attempts - 1]
  if (backOffMs === undefined || !(error instanceof ModelError) || error.trouble !== 'passing') return undefined
  const waitMs = Math.max(backOffMs, (error.retryAfterS ?? 0) * SECOND_MS)
  return waitMs > RETRY_AFTER_MS_MAX ? undefined : waitMs
}

async function attempt(
  { server, format }: Asking,
  texts: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const headers = server.key === undefined ? {} : { authorization: `Bearer ${server.key}` }
  const { path } = format
  const post = { path, headers, body: format.body(server.model, texts), timeoutMs, answerBytesMax: ANSWER_BYTES_MAX }
  const answer = await postForJson(server, post, signal)
  const read = format.read(answer, texts.length)
  if (read.length !== texts.length) throw broken(server, `${texts.length} vectors, got ${read.length}`)
  const vectors = read.map((numbers) => readVector(server, numbers))
  assertOneDimension(server, vectors)
  return vectors
}

/** Of unit length: then the product of two is the cosine between them. */
function readVector(server: NamedServer, numbers: unknown): Float32Array {
  if (!Array.isArray(numbers) || numbers.length === 0 || numbers.length > DIMENSION_MAX) {
    throw broken(server, `a list of 1 to ${DIMENSION_MAX} numbers for each text`)
  }
  let squares = 0
  for (const number of numbers) {
    // Not a number is null in JSON.
    if (typeof number !== 'number' || !Number.isFinite(number)) throw broken(server, 'numbers, got something else')
    squares += number * number
  }
  const length = Math.sqrt(squares)
  if (!Number.isFinite(length) || length < 1e-12) throw broken(server, 'a direction, got a vector without a length')
  return Float32Array.from(numbers as number[], (number) => number / length)
}

function assertOneDimension(server: NamedServer, vectors: readonly (Float32Array | undefined)[]): void {
  const dimensions = new Set(vectors.flatMap((vector) => vector?.length ?? []))
  if (dimensions.size > 1) throw broken(server, `vectors of one dimension, got ${[...dimensions].join(' and ')}`)
}

function broken({ model }: NamedServer, expected: string): ModelError {
  return new ModelError('model_broken', 'lasting', `Expected of the embedding model ${model} ${expected}.`)
}

function invalid(sentence: string): KnowBotError {
  return new KnowBotError('invalid_setting', sentence)
}
