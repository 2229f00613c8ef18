/** Whom we can talk to, and where they are. One row per provider; all of these speak OpenAI's Chat Completions. */
import { KnowBotError } from '../errors.ts'

interface KnownProvider {
  /** With its `/v1`; undefined where only the operator can know it. */
  baseUrl: string | undefined
  keyIsNeeded: boolean
  /**
   * Low, because an answer should stay with its sources. Undefined where a model may refuse the parameter: OpenAI's reasoning
   * models accept their default alone, and we cannot know what stands behind a compatible address.
   */
  temperature: number | undefined
}

export const PROVIDERS = {
  openai: { baseUrl: 'https://api.openai.com/v1', keyIsNeeded: true, temperature: undefined },
  groq: { baseUrl: 'https://api.groq.com/openai/v1', keyIsNeeded: true, temperature: 0.2 },
  ollama: { baseUrl: 'http://127.0.0.1:11434/v1', keyIsNeeded: false, temperature: 0.2 },
  'openai-compatible': { baseUrl: undefined, keyIsNeeded: false, temperature: undefined },
} as const satisfies Record<string, KnownProvider>

export type Provider = keyof typeof PROVIDERS

/** Providers that the setting has a name for and this version has no adapter for. */
const NOT_BUILT = new Set(['anthropic', 'google'])

const SHAPE = 'expected PROVIDER:MODEL, for example ollama:llama3.1 or openai-compatible:NAME with KNOWBOT_MODEL_URL'

/** `ollama:llama3.1:8b` → provider and model; the model may hold further colons. Throws `invalid_setting` in one plain sentence. */
export function parseModelSetting(text: string): { provider: Provider; model: string } {
  const colon = text.indexOf(':')
  if (colon < 0) throw invalid(`${SHAPE}, got "${text}"`)
  const provider = text.slice(0, colon).trim()
  const model = text.slice(colon + 1).trim()
  if (NOT_BUILT.has(provider)) {
    throw invalid(
      `the provider ${provider} is not supported in this version; ${names()} are, and openai-compatible reaches every server that speaks OpenAI's format`,
    )
  }
  if (!isProvider(provider)) throw invalid(`expected one of the providers ${names()}, got "${provider}"`)
  if (model === '') throw invalid(`${SHAPE}, got no model behind "${provider}:"`)
  return { provider, model }
}

function invalid(sentence: string): KnowBotError {
  return new KnowBotError('invalid_setting', `KNOWBOT_MODEL: ${sentence}`)
}

function isProvider(name: string): name is Provider {
  return Object.hasOwn(PROVIDERS, name)
}

function names(): string {
  return Object.keys(PROVIDERS).join(', ')
}
