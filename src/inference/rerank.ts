/**
 * Passages in the order in which a model thinks that they answer a question: `POST {base}/rerank`, as Cohere and Jina have it and
 * vLLM, LocalAI, llama.cpp and Infinity after them. One attempt within a time, because somebody waits; the circuit is that of
 * the chat's door.
 */
import { KnowBotError } from '../errors.ts'
import { MIB } from '../lib/units.ts'
import { Circuit } from './circuit.ts'
import type { Clock } from './clock.ts'
import type { NamedServer } from './explain.ts'
import { countOf, objectOf } from './json.ts'
import { ModelError } from './model-error.ts'
import { postForJson } from './post-json.ts'

export interface Reranker {
  /** As people set it: `jina:jina-reranker-v2-base-multilingual`. */
  readonly name: string
  /** The indexes of the texts, best first, each once. Throws `model_unreachable`, `model_refused`, `model_timeout` or `model_broken`. */
  rerank(question: string, texts: readonly string[], timeoutMs: number, signal: AbortSignal): Promise<number[]>
}

export interface RerankerSettings {
  /** `PROVIDER:MODEL`. */
  name: string
  url?: string
  key?: string
}

const PROVIDERS: Readonly<Record<string, { baseUrl: string | undefined; keyIsNeeded: boolean }>> = {
  cohere: { baseUrl: 'https://api.cohere.com/v2', keyIsNeeded: true },
  jina: { baseUrl: 'https://api.jina.ai/v1', keyIsNeeded: true },
  'openai-compatible': { baseUrl: undefined, keyIsNeeded: false },
}

const ANSWER_BYTES_MAX = MIB

/** Throws `invalid_setting` where the provider is not known, or something that it needs is not set. */
export function createReranker({ name, url, key }: RerankerSettings, clock: Clock): Reranker {
  const [, providerName = '', model = ''] = /^\s*([^:]*?)\s*:\s*(.*?)\s*$/.exec(name) ?? []
  const provider = Object.hasOwn(PROVIDERS, providerName) ? PROVIDERS[providerName] : undefined
  if (!provider || model === '') {
    const providers = Object.keys(PROVIDERS).join(', ')
    throw invalid(`KNOWBOT_RERANK: expected PROVIDER:MODEL with one of the providers ${providers}, got "${name}"`)
  }
  const base = url ?? provider.baseUrl
  if (base === undefined) {
    throw invalid(`KNOWBOT_RERANK_URL: ${name} needs it, the base address of the server with its /v1`)
  }
  if (provider.keyIsNeeded && key === undefined) throw invalid(`KNOWBOT_RERANK_KEY: ${name} needs it`)
  const baseUrl = base.replace(/\/+$/, '')
  const server: NamedServer = { baseUrl, model, key, setting: 'KNOWBOT_RERANK', expects: 'JSON' }
  const circuit = new Circuit(clock)
  return {
    name: `${providerName}:${model}`,
    async rerank(question, texts, timeoutMs, signal) {
      using passage = circuit.enter()
      try {
        const headers = key === undefined ? {} : { authorization: `Bearer ${key}` }
        const body = { model, query: question, documents: texts, top_n: texts.length }
        const post = { path: '/rerank', headers, body, timeoutMs, answerBytesMax: ANSWER_BYTES_MAX }
        const order = readOrder(server, await postForJson(server, post, signal), texts.length)
        passage.ended()
        return order
      } catch (error) {
        if (!signal.aborted) passage.failed(error)
        throw error
      }
    },
  }
}

/** By what the model gives each; texts that it leaves out come last, in their order. */
function readOrder(server: NamedServer, answer: Readonly<Record<string, unknown>>, texts: number): number[] {
  const results = Array.isArray(answer['results']) ? answer['results'] : []
  const scores = new Map<number, number>()
  for (const result of results) {
    const entry = objectOf(result)
    const index = countOf(entry?.['index'])
    const score = entry?.['relevance_score'] ?? entry?.['score']
    if (index !== undefined && index < texts && typeof score === 'number') scores.set(index, score)
  }
  if (scores.size === 0) {
    const message = `Expected of the model ${server.model} how well each passage answers, got none of it.`
    throw new ModelError('model_broken', 'lasting', message)
  }
  const scoreOf = (index: number) => scores.get(index) ?? Number.NEGATIVE_INFINITY
  return Array.from({ length: texts }, (_, index) => index).sort((a, b) => scoreOf(b) - scoreOf(a) || a - b)
}

function invalid(sentence: string): KnowBotError {
  return new KnowBotError('invalid_setting', sentence)
}
