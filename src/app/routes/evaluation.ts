/** Answers pinned as tests. A test is its owner's: it holds words of their documents. */
import { ListQuery, PinRequest, RunTestsRequest, Test, type TestAnswer, TestList } from '../../api.ts'
import { KnowBotError } from '../../errors.ts'
import type { PinnedTest } from '../../evaluation.ts'
import { JSON_BODY_BYTES_MAX, NO_BODY, route, signedIn } from '../route.ts'
import { timeOf, timeOrNull } from '../shapes.ts'
import { pageOf } from './chats.ts'
import { TEST_EXAMPLE } from './examples.ts'

const MANY = { description: 'Tests.', schema: TestList, example: { items: [TEST_EXAMPLE], nextCursor: null } }

export const EVALUATION_ROUTES = [
  route({
    method: 'POST',
    path: '/api/chats/{id}/messages/{messageId}/pin',
    name: 'pinAnswer',
    sentence:
      'Makes a test of an answer: the same question has to quote the same passage again, or to be refused where nothing was found.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: PinRequest,
    bodyExample: { mustContain: ['nine'] },
    answers: { 201: { description: 'The test.', schema: Test, example: TEST_EXAMPLE } },
    errors: ['not_found', 'conflict', 'disk_full'],
    async handle({ services, principal, params, body }) {
      const place = { chatId: params['id']!, messageId: params['messageId']! }
      const { state, notFound, ...answered } = services.chat.message(principal, place)
      // What the web says is not asked of the documents again.
      const citations = answered.citations.filter(({ documentId }) => documentId !== null)
      if (state !== 'complete' || (!notFound && citations.length === 0)) {
        const message = `Expected a whole answer with a quote of a document, or one that found nothing; this one is ${state} and has ${citations.length} such quotes.`
        throw new KnowBotError('conflict', message)
      }
      const question = services.chat.question(principal, place)
      const answer = { question, citations, notFound }
      const test = await services.evaluation.pin(principal, answer, body.mustContain ?? [])
      return { status: 201, body: testAnswer(test) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/tests',
    name: 'listTests',
    sentence: 'My tests, newest first, with what came of each when it was run last.',
    policy: signedIn('chat'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ListQuery,
    answers: { 200: MANY },
    errors: [],
    async handle({ services, principal, query }) {
      const { items, nextCursor } = services.evaluation.list(principal, pageOf(query))
      return { status: 200, body: { items: items.map(testAnswer), nextCursor } }
    },
  }),
  route({
    method: 'POST',
    path: '/api/tests/run',
    name: 'runTests',
    sentence:
      'Asks the questions of all my tests and tells what came of each. No model is asked unless that is wanted.',
    policy: signedIn('chat'),
    rate: 'answer',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: RunTestsRequest,
    bodyExample: {},
    answers: { 200: MANY },
    errors: ['disk_full'],
    async handle({ services, principal, body, request }) {
      const options = { withModel: body.mode === 'model' }
      const tests = await services.evaluation.run(principal, options, request.signal)
      return { status: 200, body: { items: tests.map(testAnswer), nextCursor: null } }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/tests/{id}',
    name: 'deleteTest',
    sentence: 'Removes a test. The answer that it was made from stays.',
    policy: signedIn('chat'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Removed.' } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      await services.evaluation.remove(principal, params['id']!)
      return { status: 204 }
    },
  }),
]

function testAnswer({ createdAt, ranAt, ...test }: PinnedTest): TestAnswer {
  return { ...test, createdAt: timeOf(createdAt), ranAt: timeOrNull(ranAt) }
}
