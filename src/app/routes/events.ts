/** Progress of documents as it happens. */
import type { Principal } from '../../accounts.ts'
import { DOCUMENT_EVENTS, SERVER_EVENTS } from '../../api.ts'
import type { DocumentView } from '../../documents.ts'
import { streamToCaller } from '../caller-events.ts'
import type { ServerSentEvent } from '../event-stream.ts'
import { type Call, NO_BODY, route, signedIn } from '../route.ts'
import type { Services } from '../services.ts'
import { documentAnswer } from '../shapes.ts'
import { modeAnswer } from './health.ts'

/** At connect, so many of the newest documents are looked through for what is still to be told. */
const LOOKED_THROUGH_MAX = 1000
const LOOK = 200

export const EVENT_ROUTES = [
  route({
    method: 'GET',
    path: '/api/documents/{id}/events',
    name: 'followDocument',
    sentence: 'How a document stands, then every change, until it is ready or failed.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'Events.', mediaType: 'text/event-stream', events: DOCUMENT_EVENTS } },
    errors: ['not_found'],
    async handle(call) {
      const { documents } = call.services
      const id = call.params['id']!
      await documents.get(call.principal, id)
      return stream(call, (signal) => documents.follow(call.principal, id, signal))
    },
  }),
  route({
    method: 'GET',
    path: '/api/events',
    name: 'followDocuments',
    sentence:
      'Every change of a document that I may read, from now on, and of what the server does; first how those stand that are not read yet.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    headers: {
      'Last-Event-ID': 'Something may have been missed: first how the newest documents stand, whatever their status.',
    },
    answers: { 200: { description: 'Events.', mediaType: 'text/event-stream', events: SERVER_EVENTS } },
    errors: [],
    async handle(call) {
      const { services, principal, request } = call
      const isAgain = request.headers.get('last-event-id') !== null
      return streamToCaller(call, {
        events: (signal) => withMode(services, documentEvents(followAll(services, principal, isAgain, signal))),
        until: services.draining,
        isResumable: true,
      })
    },
  }),
]

async function* followAll(
  { documents }: Services,
  principal: Principal,
  isAgain: boolean,
  signal: AbortSignal,
): AsyncGenerator<DocumentView> {
  // Listening first, then looking: a change in between is told twice rather than never.
  const changes = documents.follow(principal, null, signal)[Symbol.asyncIterator]()
  let next = changes.next()
  next.catch(() => undefined) // Told below, where it is awaited.
  try {
    yield* asTheyStand(documents, principal, isAgain)
    for (let change = await next; !change.done; change = await next) {
      yield change.value
      next = changes.next()
    }
  } finally {
    await changes.return?.()
  }
}

async function* asTheyStand(
  documents: Services['documents'],
  principal: Principal,
  isAgain: boolean,
): AsyncGenerator<DocumentView> {
  let cursor: string | null = null
  for (let seen = 0; seen < LOOKED_THROUGH_MAX; seen += LOOK) {
    const page = await documents.list(principal, { limit: LOOK, cursor })
    yield* page.items.filter(({ status }) => isAgain || status === 'queued' || status === 'reading')
    if (page.nextCursor === null) return
    cursor = page.nextCursor
  }
}

function stream(call: Call<Principal>, follow: (signal: AbortSignal) => AsyncIterable<DocumentView>): Response {
  return streamToCaller(call, {
    events: (signal) => documentEvents(follow(signal)),
    // When the process is to end, the reader comes back to another one.
    until: call.services.draining,
    isResumable: true,
  })
}

/** Between the events that there are: what the server does, where it is not as usual, and whenever that changes. */
async function* withMode(
  { mode, onMode }: Services,
  events: AsyncGenerator<ServerSentEvent>,
): AsyncGenerator<ServerSentEvent> {
  let isToTell = mode().why !== null
  let wake: () => void = () => undefined
  const stopListening = onMode(() => {
    isToTell = true
    wake()
  })
  const ask = () => {
    const next = events.next()
    next.catch(() => undefined) // Told where it is awaited.
    return next
  }
  try {
    for (let next = ask(); ; ) {
      if (isToTell) {
        isToTell = false
        yield { event: 'server', data: modeAnswer(mode()) }
      }
      const woken = new Promise<undefined>((resolve) => {
        wake = () => resolve(undefined)
      })
      const result = await Promise.race([next, woken])
      if (result?.done) return
      if (!result) continue
      yield result.value
      next = ask()
    }
  } finally {
    stopListening()
    await events.return(undefined)
  }
}

async function* documentEvents(views: AsyncIterable<DocumentView>): AsyncGenerator<ServerSentEvent> {
  // The id says that there was something before: see Last-Event-ID above.
  let sequence = 0
  for await (const view of views) yield { id: String(++sequence), event: 'document', data: documentAnswer(view) }
}
