/** Every request of the page that has one answer. Streams of events stand in `event-stream.ts` and `answer-stream.ts`. */
import { language, sentenceOf, t } from './messages.ts'
import type {
  ChatAnswer,
  DeletedAllAnswer,
  DocumentAnswer,
  MeAnswer,
  MessageAnswer,
  PageAnswer,
  PersonaAnswer,
  ProblemAnswer,
  Question,
  ReadyAnswer,
  SearchAnswer,
  Slice,
  SuggestionsAnswer,
} from './wire.ts'

/** A request that was refused or never arrived. The message is a sentence for the person in front of the page. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  /** The server's code, or `unreachable` when there was no answer at all. */
  readonly code: string
  /** When the server says that trying again makes sense. */
  readonly retryAfterS: number | undefined

  constructor(code: string, message: string, retryAfterS?: number) {
    super(message)
    this.code = code
    this.retryAfterS = retryAfterS
  }
}

export const api = {
  ready: () => json<ReadyAnswer>('GET', '/api/ready'),
  me: () => json<MeAnswer>('GET', '/api/me'),
  setup: (body: { code: string; username: string; password: string }) => json<unknown>('POST', '/api/setup', body),
  signIn: (body: { username: string; password: string }) => json<unknown>('POST', '/api/session', body),
  signOut: () => json<unknown>('DELETE', '/api/session'),

  documents: (cursor: string | null, signal?: AbortSignal) =>
    json<Slice<DocumentAnswer>>('GET', `/api/documents?${sliceFrom(cursor, 200)}`, undefined, signal),
  remove: (id: string) => json<unknown>('DELETE', `/api/documents/${encodeURIComponent(id)}`),
  removeAll: () => json<DeletedAllAnswer>('DELETE', '/api/documents?all=yes'),
  restoreAll: (removedAt: string) => json<{ restored: number }>('POST', '/api/documents/restore', { removedAt }),
  restore: (id: string) => json<unknown>('POST', `/api/documents/${encodeURIComponent(id)}/restore`),
  retry: (id: string, password?: string) =>
    json<unknown>('POST', `/api/documents/${encodeURIComponent(id)}/retry`, password === undefined ? {} : { password }),
  page: (id: string, page: number, signal?: AbortSignal) =>
    json<PageAnswer>('GET', `/api/documents/${encodeURIComponent(id)}/pages/${page}`, undefined, signal),
  addSamples: () => json<{ items: DocumentAnswer[] }>('POST', '/api/documents/samples'),
  originalUrl: (id: string) => `/api/documents/${encodeURIComponent(id)}/original`,
  /** The bytes as they came. */
  original: async (id: string, signal: AbortSignal) =>
    new Uint8Array(await (await request('GET', api.originalUrl(id), { signal })).arrayBuffer()),
  document: (id: string, signal?: AbortSignal) =>
    json<DocumentAnswer>('GET', `/api/documents/${encodeURIComponent(id)}`, undefined, signal),
  /** Of a picture at least so many pixels wide. */
  pictureUrl: (id: string, page: number, width: number) =>
    `/api/documents/${encodeURIComponent(id)}/pages/${page}/image?width=${width}`,
  /** Whether a picture can be had: throws what stands against it. */
  picture: async (url: string) => void (await request('GET', url)).body?.cancel(),

  /** The few passages that fit best. */
  search: (query: string, signal: AbortSignal) =>
    json<SearchAnswer>('POST', '/api/search', { query, limit: 6 }, signal),

  chats: (cursor: string | null, query: string) =>
    json<Slice<ChatAnswer & { excerpt?: string | null }>>(
      'GET',
      `/api/chats?${sliceFrom(cursor, 100)}${query.trim() === '' ? '' : `&query=${encodeURIComponent(query)}`}`,
    ),
  chat: (id: string) => json<ChatAnswer>('GET', chatPath(id)),
  /** Without a word on the persona it is the active one. */
  createChat: (title: string, personaId: string | null | undefined) =>
    json<ChatAnswer>('POST', '/api/chats', personaId === undefined ? { title } : { title, personaId }),
  givePersona: (id: string, personaId: string | null) => json<ChatAnswer>('PATCH', chatPath(id), { personaId }),
  personas: (cursor: string | null) => json<Slice<PersonaAnswer>>('GET', `/api/personas?${sliceFrom(cursor, 200)}`),
  renameChat: (id: string, title: string) => json<ChatAnswer>('PATCH', chatPath(id), { title }),
  removeChat: (id: string) => json<unknown>('DELETE', chatPath(id)),
  removeChats: () => json<{ chats: number }>('DELETE', '/api/chats'),
  restoreChat: (id: string) => json<ChatAnswer>('POST', `${chatPath(id)}/restore`),
  restoreChats: () => json<{ chats: number }>('POST', '/api/chats/restore'),
  messages: (chatId: string, cursor: string | null, signal: AbortSignal) =>
    json<Slice<MessageAnswer>>('GET', `${chatPath(chatId)}/messages?${sliceFrom(cursor, 50)}`, undefined, signal),
  stopAnswer: (chatId: string, messageId: string) =>
    json<MessageAnswer>('POST', `${chatPath(chatId)}/messages/${encodeURIComponent(messageId)}/stop`),
  continueAnswer: (chatId: string, messageId: string) =>
    json<MessageAnswer>('POST', `${chatPath(chatId)}/messages/${encodeURIComponent(messageId)}/continue`),
  regenerateAnswer: (chatId: string, messageId: string) =>
    json<MessageAnswer>('POST', `${chatPath(chatId)}/messages/${encodeURIComponent(messageId)}/regenerate`),
  editQuestion: (chatId: string, questionId: string, body: Question) =>
    json<MessageAnswer>('PATCH', `${chatPath(chatId)}/messages/${encodeURIComponent(questionId)}`, body),
  rateAnswer: (chatId: string, messageId: string, value: 'up' | 'down', reason?: string) =>
    json<unknown>(
      'POST',
      `${chatPath(chatId)}/messages/${encodeURIComponent(messageId)}/feedback`,
      reason === undefined ? { value } : { value, reason },
    ),
  pinAnswer: (chatId: string, messageId: string) =>
    json<unknown>('POST', `${chatPath(chatId)}/messages/${encodeURIComponent(messageId)}/pin`),
  starters: () => json<SuggestionsAnswer>('GET', '/api/suggestions'),
  followUps: (chatId: string, messageId: string) =>
    json<SuggestionsAnswer>('GET', `${chatPath(chatId)}/messages/${encodeURIComponent(messageId)}/suggestions`),
}

function chatPath(id: string): string {
  return `/api/chats/${encodeURIComponent(id)}`
}

export function sliceFrom(cursor: string | null, limit: number): string {
  return `limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`
}

/** `fetch` that throws a `RequestError` for whatever is not a success. */
export async function request(method: string, path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response
  try {
    response = await fetch(path, { ...init, method, credentials: 'same-origin', cache: 'no-store' })
  } catch (error) {
    throw asRequestError(error)
  }
  if (!response.ok) {
    const body = await response.text().catch(() => '') // Cut off: the status has to do.
    throw problemError(response.status, body, response.headers.get('retry-after'))
  }
  return response
}

export async function json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const init: RequestInit = signal === undefined ? {} : { signal }
  if (body !== undefined) {
    init.body = JSON.stringify(body)
    // For a question that does not show its language.
    init.headers = { 'content-type': 'application/json', 'accept-language': language.value }
  }
  const response = await request(method, path, init)
  const text = await response.text()
  return (text === '' ? undefined : JSON.parse(text)) as T
}

/** An answer of application/problem+json as a sentence; our own words where the page can say it better. */
export function problemError(status: number, body: string, retryAfter: string | null): RequestError {
  const problem = parseProblem(body)
  const code = problem?.code ?? `status_${status}`
  const message = sentenceOf(code, problem?.detail ?? t.unexpectedAnswer(status))
  // Never a date where KnowBot itself answers; what a proxy means by one is not worth the code.
  const retryAfterS = Number(retryAfter ?? Number.NaN)
  return new RequestError(code, message, Number.isFinite(retryAfterS) ? retryAfterS : undefined)
}

export function asRequestError(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  return new RequestError('unreachable', t.unreachable)
}

function parseProblem(body: string): Pick<ProblemAnswer, 'code' | 'detail'> | undefined {
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || value === null) return undefined
    const { code, detail } = value as Partial<ProblemAnswer>
    return typeof code === 'string' ? { code, detail: typeof detail === 'string' ? detail : code } : undefined
  } catch {
    return undefined // A proxy in between may answer with a page of its own.
  }
}
