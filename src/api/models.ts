/** Which model writes answers, as administrators choose it, and what it costs. */
import * as v from 'valibot'
import { count, time } from './values.ts'

const TEXT_CHARACTERS_MAX = 1000

const Provider = v.picklist(['openai', 'anthropic', 'google', 'groq', 'ollama', 'openai-compatible'])
const text = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(TEXT_CHARACTERS_MAX),
  v.regex(/\S/, 'Expected some words, got none'),
)
const httpUrl = v.pipe(
  text,
  v.url('Expected an address such as https://models.example/v1'),
  v.regex(/^https?:\/\//i, 'Expected an address that begins with http:// or https://'),
)

export const ModelRequest = v.strictObject({
  provider: Provider,
  model: v.pipe(text, v.description('As the provider names it.')),
  url: v.optional(v.pipe(httpUrl, v.description("With its `/v1`; the provider's own when left out."))),
  key: v.optional(
    v.pipe(
      text,
      v.description(
        'Kept encrypted and shown to nobody. Left out, the one that is kept stays, if provider and address do.',
      ),
    ),
  ),
})

export const ModelTestRequest = v.strictObject({
  choice: v.optional(v.pipe(ModelRequest, v.description('What to test; the current model when left out.'))),
})

export const Model = v.strictObject({
  source: v.pipe(
    v.picklist(['settings', 'chosen', 'none']),
    v.description('`settings`: named where the server is started, which wins.'),
  ),
  provider: v.nullable(Provider),
  model: v.nullable(v.string()),
  url: v.nullable(v.string()),
  hasKey: v.boolean(),
  problem: v.pipe(v.nullable(v.string()), v.description('Why the chosen model cannot be used, and what to do.')),
})
export type ModelAnswer = v.InferOutput<typeof Model>

export const ModelTest = v.strictObject({
  isAnswered: v.boolean(),
  text: v.pipe(v.string(), v.description('What the model said to a hello, or why it said nothing.')),
  code: v.pipe(v.nullable(v.string()), v.description('Of the failure.')),
  tookMs: count,
  usage: v.nullable(v.strictObject({ inputTokens: count, outputTokens: count })),
})
export type ModelTestAnswer = v.InferOutput<typeof ModelTest>

export const TokensToday = v.strictObject({
  used: v.pipe(count, v.description('Read and written by the model for me today, as its server counts them.')),
  perDay: v.pipe(v.nullable(count), v.description('Null where there is no limit.')),
  resetsAt: time,
})
export type TokensTodayAnswer = v.InferOutput<typeof TokensToday>
