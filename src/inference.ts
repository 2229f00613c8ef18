/** Model servers, and search engines for the web, behind small interfaces. What stands here knows neither documents nor questions. */
import { KnowBotError } from './errors.ts'
import { answerWithCare } from './inference/attempts.ts'
import { Circuit } from './inference/circuit.ts'
import { type Clock, SYSTEM_CLOCK } from './inference/clock.ts'
import { createEmbedders, type EmbedderSettings, type Embedders } from './inference/embeddings.ts'
import { Pace } from './inference/pace.ts'
import { PROVIDERS, type Provider } from './inference/providers.ts'
import { createReranker, type Reranker, type RerankerSettings } from './inference/rerank.ts'
import type { Usage } from './inference/wire-format.ts'
import { listen } from './lib/listen.ts'

export type { Clock } from './inference/clock.ts'
export type { Embedder, EmbedderSettings, Embedders } from './inference/embeddings.ts'
export { needsOf, type Provider, parseModelSetting } from './inference/providers.ts'
export type { Reranker, RerankerSettings } from './inference/rerank.ts'
export { openWebSearch, type WebResult, type WebSearch } from './inference/web-search.ts'
export type { Usage } from './inference/wire-format.ts'

export interface ChatMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

export interface ChatModel {
  /** As people set it: `ollama:llama3.1`. */
  readonly name: string
  /**
   * Tells the answer's text, piece by piece, as the server sends it; resolves with what it has cost where the server says so, when
   * the answer is complete. Rejects with `model_unreachable`, `model_refused`, `model_timeout` or `model_broken` otherwise, also
   * after some text. What may pass is tried again before the first token, and a model that keeps failing is left alone for a while.
   * Aborting the signal closes the connection at once, and rejects with the signal's reason.
   */
  write(
    /** Asked for at each attempt: what it was made of is smaller, and a thousand answers that are being written hold theirs. */
    messages: () => readonly ChatMessage[],
    tell: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Usage | undefined>
  /** The same as a loop, which may be left. */
  complete(messages: readonly ChatMessage[], signal: AbortSignal): AsyncGenerator<string, Usage | undefined, undefined>
}

export interface ChatModelSettings {
  provider: Provider
  model: string
  /** Base address with its `/v1`; the provider's own when it is left out. */
  url?: string
  key?: string
  /** Seconds to the first token; half of it between tokens. */
  timeoutS: number
}

/** Throws `invalid_setting` where something that the provider needs is not set. */
export function openChatModel(
  { provider, model, url, key, timeoutS }: ChatModelSettings,
  clock: Clock = SYSTEM_CLOCK,
): ChatModel {
  const { baseUrl, keyIsNeeded, format, parameters } = PROVIDERS[provider]
  const base = url ?? baseUrl
  if (base === undefined) {
    throw invalid(`KNOWBOT_MODEL_URL: ${provider}:${model} needs it, the base address of the model server with its /v1`)
  }
  if (keyIsNeeded && key === undefined) {
    throw invalid(`KNOWBOT_MODEL_KEY: ${provider}:${model} needs it`)
  }
  const named = {
    baseUrl: base.replace(/\/+$/, ''),
    model,
    key,
    setting: 'KNOWBOT_MODEL',
    expects: 'a stream',
  } as const
  const server = { ...named, format, parameters, timeoutS }
  const care = { circuit: new Circuit(clock), clock, pace: new Pace() }
  return {
    name: `${provider}:${model}`,
    write: (messages, tell, signal) => answerWithCare(server, care, messages, tell, signal),
    complete: (messages, signal) =>
      listen((tell, either) => answerWithCare(server, care, () => messages, tell, either), signal),
  }
}

function invalid(sentence: string): KnowBotError {
  return new KnowBotError('invalid_setting', sentence)
}

/** Throws `invalid_setting` where the provider makes no embeddings, or something that it needs is not set. */
export function openEmbedders(settings: EmbedderSettings, clock: Clock = SYSTEM_CLOCK): Embedders {
  return createEmbedders(settings, clock)
}

/** Throws `invalid_setting` where the provider is not known, or something that it needs is not set. */
export function openReranker(settings: RerankerSettings, clock: Clock = SYSTEM_CLOCK): Reranker {
  return createReranker(settings, clock)
}
