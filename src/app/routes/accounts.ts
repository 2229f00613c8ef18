/** Coming in, going out, who one is, and one's keys and collections. */
import type { CollectionView, KeyView, Principal, SessionView } from '../../accounts.ts'
import {
  type CollectionAnswer,
  CollectionList,
  CreatedKey,
  Credentials,
  type KeyAnswer,
  KeyList,
  KeyListQuery,
  ListQuery,
  Me,
  type MeAnswer,
  NewKeyRequest,
  PasswordRequest,
  type SessionAnswer,
  SessionList,
  SetupRequest,
} from '../../api.ts'
import { noSessionCookie, sessionCookie, sessionToken } from '../caller.ts'
import { type Call, JSON_BODY_BYTES_MAX, NO_BODY, PUBLIC, person, type Reply, route, signedIn } from '../route.ts'
import type { Services } from '../services.ts'
import { sliced, sliceOf, timeOf, timeOrNull } from '../shapes.ts'
import { COLLECTION_EXAMPLE, KEY_EXAMPLE, ME_EXAMPLE, SESSION_EXAMPLE } from './examples.ts'

export const ACCOUNT_ROUTES = [
  route({
    method: 'POST',
    path: '/api/setup',
    name: 'setUp',
    sentence: 'Makes the first administrator, with the one-time code that the start printed, and signs them in.',
    policy: PUBLIC,
    rate: 'sign-in',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: SetupRequest,
    bodyExample: { code: 'K7QWM-3HJ9X-RT2VN-8BPCD', username: 'Ada', password: 'five brown cups of tea' },
    answers: { 201: { description: 'Signed in; the cookie comes along.', schema: Me, example: ME_EXAMPLE } },
    errors: ['wrong_setup_code', 'conflict', 'overloaded', 'disk_full'],
    async handle({ services, body, request, info }) {
      const { code, username: name, password } = body
      const signedIn = await services.accounts.setup({ code, name, password, userAgent: userAgentOf(request) })
      return welcome(signedIn, { services, info }, 201)
    },
  }),
  route({
    method: 'POST',
    path: '/api/session',
    name: 'signIn',
    sentence: 'Signs in and sets the cookie.',
    policy: PUBLIC,
    rate: 'sign-in',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: Credentials,
    bodyExample: { username: 'Ada', password: 'five brown cups of tea' },
    answers: { 200: { description: 'Signed in.', schema: Me, example: ME_EXAMPLE } },
    errors: ['wrong_credentials', 'overloaded', 'disk_full'],
    async handle({ services, body, request, info }) {
      const { username: name, password } = body
      const { peer } = info
      const signedIn = await services.accounts.signIn({ name, password, peer, userAgent: userAgentOf(request) })
      return welcome(signedIn, { services, info }, 200)
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/session',
    name: 'signOut',
    sentence: 'Ends the session of the cookie. Without one there is nothing to end, and that is done.',
    policy: PUBLIC,
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Signed out.' } },
    errors: [],
    async handle({ services, request, info }) {
      const token = sessionToken(request, info)
      if (token !== undefined) await services.accounts.signOut(token)
      return { status: 204, headers: { 'set-cookie': noSessionCookie(info) } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/sessions',
    name: 'listSessions',
    sentence: 'Where I am signed in, used last first. There are at most fifty, so that they come on one page.',
    policy: person('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: {
      200: { description: 'Sessions.', schema: SessionList, example: { items: [SESSION_EXAMPLE], nextCursor: null } },
    },
    errors: [],
    async handle({ services, principal, request, info }) {
      const sessions = await services.accounts.sessions(principal, sessionToken(request, info))
      return { status: 200, body: { items: sessions.map(sessionAnswer), nextCursor: null } }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/sessions/{id}',
    name: 'endSession',
    sentence: 'Signs me out there. Its open streams end within five seconds.',
    policy: person('write'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Signed out.' } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      await services.accounts.endSession(principal, params['id']!)
      return { status: 204 }
    },
  }),
  route({
    method: 'GET',
    path: '/api/me',
    name: 'getMe',
    sentence: 'Who I am.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'You.', schema: Me, example: ME_EXAMPLE } },
    errors: [],
    handle: async ({ services, principal }) => ({ status: 200, body: meAnswer(principal, services) }),
  }),
  route({
    method: 'PUT',
    path: '/api/me/password',
    name: 'changePassword',
    sentence: 'A new password for me, who knows the old one. I am signed out everywhere else.',
    policy: person('write'),
    rate: 'sign-in',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: PasswordRequest,
    bodyExample: { current: 'the words so far', password: 'seven green pots of coffee' },
    answers: { 204: { description: 'Changed.' } },
    errors: ['wrong_credentials', 'overloaded', 'disk_full'],
    async handle({ services, principal, body, request, info }) {
      const token = sessionToken(request, info)
      await services.accounts.changePassword(principal, { ...body, token, peer: info.peer })
      return { status: 204 }
    },
  }),
  route({
    method: 'GET',
    path: '/api/collections',
    name: 'listCollections',
    sentence: 'The collections that I may read, my own first. Every document is in one of them.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ListQuery,
    answers: {
      200: {
        description: 'Collections.',
        schema: CollectionList,
        example: { items: [COLLECTION_EXAMPLE], nextCursor: null },
      },
    },
    errors: [],
    async handle({ services, principal, query }) {
      const { limit, cursor } = sliceOf(query)
      const all = (await services.accounts.collections(principal)).map(collectionAnswer)
      const from = cursor === null ? 0 : all.findIndex(({ id }) => id === cursor) + 1
      return { status: 200, body: sliced(all.slice(from, from + limit + 1), limit) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/keys',
    name: 'listKeys',
    sentence: 'My API keys, without their secrets.',
    policy: person('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: KeyListQuery,
    answers: {
      200: { description: 'Keys.', schema: KeyList, example: { items: [KEY_EXAMPLE], nextCursor: null } },
    },
    errors: ['not_found'],
    async handle({ services, principal, query }) {
      const { limit, cursor } = sliceOf(query)
      const { userId } = query
      const keys = await services.accounts.keys.list(principal, { limit: limit + 1, cursor, userId })
      return { status: 200, body: sliced(keys.map(keyAnswer), limit) }
    },
  }),
  route({
    method: 'POST',
    path: '/api/keys',
    name: 'createKey',
    sentence: 'Makes an API key. It acts as its user, and is shown this once.',
    policy: person('write'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: NewKeyRequest,
    bodyExample: { name: 'nightly import', scopes: ['read', 'write'], expiresAt: '2030-01-31T00:00:00.000Z' },
    answers: {
      201: {
        description: 'The key.',
        schema: CreatedKey,
        example: {
          ...KEY_EXAMPLE,
          key: 'kb_0199b2a47c5e7d1f8a3b6c9d0e1f2a3b_7hT2mQ9xWc4LpR8vZs3YkN6bJd5GfA1E0a1b2c3d',
        },
      },
    },
    errors: ['not_found', 'conflict', 'disk_full'],
    async handle({ services, principal, body: { name, scopes, expiresAt, userId } }) {
      const { key, ...view } = await services.accounts.keys.create(principal, {
        name,
        scopes,
        expiresAt: expiresAt ? Date.parse(expiresAt) : null,
        userId,
      })
      return { status: 201, body: { ...keyAnswer(view), key } }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/keys/{id}',
    name: 'revokeKey',
    sentence: 'Revokes a key of mine; administrators revoke any.',
    policy: person('write'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 204: { description: 'Revoked.' } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      await services.accounts.keys.revoke(principal, params['id']!)
      return { status: 204 }
    },
  }),
]

function welcome(
  { token, principal }: { token: string; principal: Principal },
  { services, info }: Pick<Call, 'services' | 'info'>,
  status: number,
): Reply {
  return { status, body: meAnswer(principal, services), headers: { 'set-cookie': sessionCookie(token, info) } }
}

function userAgentOf(request: Request): string | undefined {
  return request.headers.get('user-agent') ?? undefined
}

function meAnswer({ userPublicId, name, role, via, scopes }: Principal, { chat }: Services): MeAnswer {
  return { id: userPublicId, username: name, role, via, scopes: [...scopes], webSearch: chat.canSearchWeb }
}

function sessionAnswer({ createdAt, lastSeenAt, ...rest }: SessionView): SessionAnswer {
  return { ...rest, createdAt: timeOf(createdAt), lastSeenAt: timeOf(lastSeenAt) }
}

function collectionAnswer({ id, name, owner, createdAt }: CollectionView): CollectionAnswer {
  return { id, name, owner, createdAt: timeOf(createdAt) }
}

function keyAnswer({ id, name, scopes, createdAt, expiresAt, lastUsedAt }: KeyView): KeyAnswer {
  return {
    id,
    name,
    scopes,
    createdAt: timeOf(createdAt),
    expiresAt: timeOrNull(expiresAt),
    lastUsedAt: timeOrNull(lastUsedAt),
  }
}
