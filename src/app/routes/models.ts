/** Which model writes answers, for administrators; and what it has cost, for everybody for themselves. */
import {
  Model,
  type ModelAnswer,
  ModelRequest,
  ModelTest,
  type ModelTestAnswer,
  ModelTestRequest,
  TokensToday,
} from '../../api.ts'
import type { ModelTest as Test } from '../../models.ts'
import { ADMINISTRATOR, JSON_BODY_BYTES_MAX, NO_BODY, route, signedIn } from '../route.ts'
import { timeOf } from '../shapes.ts'

const MODEL_EXAMPLE: ModelAnswer = {
  ...{ source: 'chosen', provider: 'openai-compatible', model: 'qwen3:8b', url: 'https://models.example/v1' },
  ...{ hasKey: true, problem: null },
}
const CHOICE_EXAMPLE = {
  ...{ provider: 'openai-compatible', model: 'qwen3:8b' },
  ...{ url: 'https://models.example/v1', key: 'a key of the provider' },
}
const TEST_EXAMPLE: ModelTestAnswer = {
  ...{ isAnswered: true, text: 'Hello, how can I help?', code: null, tookMs: 412 },
  usage: { inputTokens: 14, outputTokens: 7 },
}
const ONE = { description: 'The model.', schema: Model, example: MODEL_EXAMPLE }

export const MODEL_ROUTES = [
  route({
    method: 'GET',
    path: '/api/model',
    name: 'getModel',
    sentence: 'Which model writes answers. Its key is shown to nobody.',
    policy: ADMINISTRATOR,
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: ONE },
    errors: [],
    async handle({ services }) {
      return { status: 200, body: services.models.view() }
    },
  }),
  route({
    method: 'PUT',
    path: '/api/model',
    name: 'chooseModel',
    sentence: 'Chooses the model that writes answers, from the next question on, in all processes.',
    policy: ADMINISTRATOR,
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: ModelRequest,
    bodyExample: CHOICE_EXAMPLE,
    answers: { 200: ONE },
    errors: ['conflict', 'disk_full'],
    async handle({ services, body }) {
      await services.models.choose(body)
      return { status: 200, body: services.models.view() }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/model',
    name: 'clearModel',
    sentence: 'Forgets the chosen model and its key: answers are quotes.',
    policy: ADMINISTRATOR,
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Forgotten.' } },
    errors: ['conflict'],
    async handle({ services }) {
      await services.models.clear()
      return { status: 204 }
    },
  }),
  route({
    method: 'POST',
    path: '/api/model/test',
    name: 'testModel',
    sentence: 'Says hello to a model, once, and tells what came of it. Nothing is kept.',
    policy: ADMINISTRATOR,
    rate: 'answer',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: ModelTestRequest,
    bodyExample: { choice: CHOICE_EXAMPLE },
    answers: { 200: { description: 'What came of it.', schema: ModelTest, example: TEST_EXAMPLE } },
    errors: ['conflict'],
    async handle({ services, request, body }) {
      return { status: 200, body: testAnswer(await services.models.test(body.choice, request.signal)) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/tokens',
    name: 'getTokens',
    sentence: 'What models have read and written for me today, and how much they may.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: {
      200: {
        description: 'Tokens of today.',
        schema: TokensToday,
        example: { used: 12_400, perDay: 200_000, resetsAt: '2026-05-05T00:00:00.000Z' },
      },
    },
    errors: [],
    async handle({ services, principal }) {
      const { resetsAt, ...tokens } = services.tokens.today(principal.userId)
      return { status: 200, body: { ...tokens, resetsAt: timeOf(resetsAt) } }
    },
  }),
]

function testAnswer(test: Test): ModelTestAnswer {
  if (test.isAnswered) return { ...test, code: null }
  const { isAnswered, code, message, tookMs } = test
  return { isAnswered, text: message, code, tookMs, usage: null }
}
