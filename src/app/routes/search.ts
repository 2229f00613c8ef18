/** Finding passages, and asking. */
import type { Principal } from '../../accounts.ts'
import {
  ANSWER_EVENTS,
  Answer,
  type AnswerResult,
  AskRequest,
  type SearchAnswer,
  SearchRequest,
  SearchResult,
} from '../../api.ts'
import { acceptedLanguage, fold } from '../../chat.ts'
import { mediaType } from '../../documents.ts'
import type { Hit } from '../../search.ts'
import { answerEvents } from '../answer-events.ts'
import { streamToCaller } from '../caller-events.ts'
import { JSON_BODY_BYTES_MAX, route, signedIn } from '../route.ts'
import type { Services } from '../services.ts'
import { ANSWER_EXAMPLE, SEARCH_EXAMPLE } from './examples.ts'
import { ACCEPT_LANGUAGE } from './messages.ts'

const QUESTION = 'When does the reading room open?'

export const SEARCH_ROUTES = [
  route({
    method: 'POST',
    path: '/api/search',
    name: 'search',
    sentence:
      'The passages that fit best, from the documents that I may read. The query may say `"exact words"`, `-without`, `name:report`, `collection:NAME`, `after:2026-01-31` and `before:2026-02-28` (the day it was added).',
    policy: signedIn('read'),
    rate: 'search',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: SearchRequest,
    bodyExample: { query: QUESTION, limit: 5 },
    answers: {
      200: {
        description: 'Hits, best first.',
        schema: SearchResult,
        example: SEARCH_EXAMPLE,
      },
    },
    errors: ['not_found'],
    async handle({ services, principal, body }) {
      const startedAt = performance.now()
      const { query: text, limit } = body
      const found = await services.search.find({ text, limit, ...(await resolveScope(services, principal, body)) })
      const { hits, facets, confidence, didYouMean } = found
      const snippets = services.search.snippets(found)
      const answer: SearchAnswer = {
        hits: hits.map((hit, place) => ({ ...toAnswer(hit), snippet: snippets[place]! })),
        facets: { ...facets, types: facets.types.map((one) => ({ ...one, type: mediaType(one.type) })) },
        confidence,
        didYouMean,
        tookMs: Math.round((performance.now() - startedAt) * 10) / 10,
      }
      return { status: 200, body: answer }
    },
  }),
  route({
    method: 'POST',
    path: '/api/ask',
    name: 'ask',
    sentence: 'One question, no history, with the model where there is one.',
    policy: signedIn('chat'),
    rate: 'answer',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    headers: {
      Accept: '`text/event-stream`: the answer comes as it is made, and leaving ends it.',
      ...ACCEPT_LANGUAGE,
    },
    body: AskRequest,
    bodyExample: { question: QUESTION },
    answers: {
      200: [
        { description: 'The answer.', schema: Answer, example: ANSWER_EXAMPLE },
        { description: 'The answer as events.', mediaType: 'text/event-stream', events: ANSWER_EVENTS },
      ],
    },
    errors: ['not_found'],
    async handle(call) {
      const { services, principal, body, request } = call
      // Before anything is streamed: what is not there is a 404, not an event.
      await resolveScope(services, principal, body)
      const question = { ...body, language: acceptedLanguage(request.headers.get('accept-language')) }
      const ask = (signal: AbortSignal) => services.chat.ask(principal, question, signal)
      if (wantsEvents(request))
        return streamToCaller(call, { events: (signal) => answerEvents(ask(signal)), isResumable: false })
      const { answer, citations, unsupported, notFound, confidence, mode } = await fold(ask(request.signal))
      const result: AnswerResult = { answer, citations, unsupported, notFound, confidence, mode }
      return { status: 200, body: result }
    },
  }),
]

function toAnswer({ documentId, name, type, collectionId, page, heading, text, start, end, score }: Hit) {
  return { documentId, name, type: mediaType(type), collectionId, page, heading, text, start, end, score }
}

interface NamedScope {
  collectionIds?: readonly string[] | undefined
  documentIds?: readonly string[] | undefined
}

/** Every id in a body is looked at like one in the path. Throws `not_found`. */
async function resolveScope(
  { accounts, documents }: Services,
  principal: Principal,
  { collectionIds, documentIds }: NamedScope,
): Promise<{ collectionIds: readonly number[]; documentIds?: readonly string[] }> {
  const collections = collectionIds
    ? await accounts.resolveCollections(principal, collectionIds)
    : principal.readableCollections
  if (!documentIds) return { collectionIds: collections }
  const named = [...new Set(documentIds)]
  for (const id of named) await documents.get(principal, id)
  return { collectionIds: collections, documentIds: named }
}

/** The first of the two types that the caller names. */
function wantsEvents(request: Request): boolean {
  const named = (request.headers.get('accept') ?? '').toLowerCase().match(/text\/event-stream|application\/json/)
  return named?.[0] === 'text/event-stream'
}
