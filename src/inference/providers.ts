/** Whom we can talk to, where they are, and what they speak. One row per provider. */
import { KnowBotError } from '../errors.ts'
import { ANTHROPIC_MESSAGES } from './anthropic-messages.ts'
import { CHAT_COMPLETIONS } from './chat-completions.ts'
import type { Json } from './json.ts'
import type { WireFormat } from './wire-format.ts'

interface KnownProvider {
  format: WireFormat
  /** With its `/v1`; undefined where only the operator can know it. */
  baseUrl: string | undefined
  keyIsNeeded: boolean
  parameters: Json
}

/** An answer should stay with its sources. Only where every model takes it: the reasoning models of some refuse the request. */
const STEADY = { temperature: 0.2 }

export const PROVIDERS = {
  openai: {
    format: CHAT_COMPLETIONS,
    baseUrl: 'https://api.openai.com/v1',
    keyIsNeeded: true,
    // Reasoning models accept no temperature but their own.
    parameters: { stream_options: { include_usage: true } },
  },
  anthropic: {
    format: ANTHROPIC_MESSAGES,
    baseUrl: 'https://api.anthropic.com/v1',
    keyIsNeeded: true,
    // Has to be said; what a model thinks counts too, and every model on offer can write as much. No temperature: models since
    // Opus 4.7 refuse it.
    parameters: { max_tokens: 16_384 },
  },
  google: {
    format: CHAT_COMPLETIONS,
    baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai',
    keyIsNeeded: true,
    // No temperature: "values below 1.0 may lead to loops" (Gemini 3 prompting guide).
    parameters: {},
  },
  groq: {
    format: CHAT_COMPLETIONS,
    baseUrl: 'https://api.groq.com/openai/v1',
    keyIsNeeded: true,
    parameters: STEADY,
  },
  ollama: {
    format: CHAT_COMPLETIONS,
    baseUrl: 'http://127.0.0.1:11434/v1',
    keyIsNeeded: false,
    parameters: { ...STEADY, stream_options: { include_usage: true } },
  },
  // What stands behind it is not known: nothing that it might not know.
  'openai-compatible': { format: CHAT_COMPLETIONS, baseUrl: undefined, keyIsNeeded: false, parameters: {} },
} as const satisfies Record<string, KnownProvider>

export type Provider = keyof typeof PROVIDERS

/** What has to be known beside the model's name. */
export function needsOf(provider: Provider): { url: boolean; key: boolean } {
  const { baseUrl, keyIsNeeded }: KnownProvider = PROVIDERS[provider]
  return { url: baseUrl === undefined, key: keyIsNeeded }
}

/** Settings that name a model; address and key are in those with `_URL` and `_KEY` behind. */
export type ModelSetting = 'KNOWBOT_MODEL' | 'KNOWBOT_EMBEDDINGS' | 'KNOWBOT_RERANK'

/** `ollama:llama3.1:8b` → provider and model; the model may hold further colons. Throws `invalid_setting` in one plain sentence. */
export function parseModelSetting(
  text: string,
  setting: keyof typeof EXAMPLES = 'KNOWBOT_MODEL',
): { provider: Provider; model: string } {
  const invalid = (sentence: string) => new KnowBotError('invalid_setting', `${setting}: ${sentence}`)
  const shape = `expected PROVIDER:MODEL, for example ${EXAMPLES[setting]} or openai-compatible:NAME with ${setting}_URL`
  const colon = text.indexOf(':')
  if (colon < 0) throw invalid(`${shape}, got "${text}"`)
  const provider = text.slice(0, colon).trim()
  const model = text.slice(colon + 1).trim()
  if (!isProvider(provider)) throw invalid(`expected one of the providers ${names()}, got "${provider}"`)
  if (model === '') throw invalid(`${shape}, got no model behind "${provider}:"`)
  return { provider, model }
}

const EXAMPLES = {
  KNOWBOT_MODEL: 'ollama:llama3.1',
  KNOWBOT_EMBEDDINGS: 'ollama:nomic-embed-text',
} satisfies Partial<Record<ModelSetting, string>>

function isProvider(name: string): name is Provider {
  return Object.hasOwn(PROVIDERS, name)
}

function names(): string {
  return Object.keys(PROVIDERS).join(', ')
}
