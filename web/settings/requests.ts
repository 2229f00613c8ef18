/** What the settings ask of the server. */
import { api, json, sliceFrom } from '../api-client.ts'
import type {
  CreatedKeyAnswer,
  KeyAnswer,
  ModelAnswer,
  ModelChoice,
  ModelTestAnswer,
  PersonaAnswer,
  SessionAnswer,
  Slice,
  StatusAnswer,
  TestAnswer,
  TokensTodayAnswer,
  UserAnswer,
} from '../wire.ts'

const LIMIT = 100

export const settings = {
  changePassword: (current: string, password: string) =>
    json<unknown>('PUT', '/api/me/password', { current, password }),
  sessions: () => json<Slice<SessionAnswer>>('GET', '/api/sessions'),
  endSession: (id: string) => json<unknown>('DELETE', `/api/sessions/${encodeURIComponent(id)}`),

  keys: (cursor: string | null) => json<Slice<KeyAnswer>>('GET', `/api/keys?${sliceFrom(cursor, LIMIT)}`),
  createKey: (name: string) => json<CreatedKeyAnswer>('POST', '/api/keys', { name }),
  revokeKey: (id: string) => json<unknown>('DELETE', `/api/keys/${encodeURIComponent(id)}`),

  users: (cursor: string | null) => json<Slice<UserAnswer>>('GET', `/api/users?${sliceFrom(cursor, LIMIT)}`),
  createUser: (user: { username: string; password: string; role: UserAnswer['role'] }) =>
    json<UserAnswer>('POST', '/api/users', user),
  changeRole: (id: string, role: UserAnswer['role']) =>
    json<UserAnswer>('PATCH', `/api/users/${encodeURIComponent(id)}`, { role }),
  removeUser: (id: string) => json<unknown>('DELETE', `/api/users/${encodeURIComponent(id)}`),

  personas: (cursor: string | null) => api.personas(cursor),
  createPersona: (persona: { name: string; instructions: string }) =>
    json<PersonaAnswer>('POST', '/api/personas', persona),
  changePersona: (id: string, change: Partial<Pick<PersonaAnswer, 'name' | 'instructions' | 'active'>>) =>
    json<PersonaAnswer>('PATCH', `/api/personas/${encodeURIComponent(id)}`, change),
  removePersona: (id: string) => json<unknown>('DELETE', `/api/personas/${encodeURIComponent(id)}`),

  model: () => json<ModelAnswer>('GET', '/api/model'),
  chooseModel: (choice: ModelChoice) => json<ModelAnswer>('PUT', '/api/model', choice),
  clearModel: () => json<unknown>('DELETE', '/api/model'),
  testModel: (choice: ModelChoice | undefined) =>
    json<ModelTestAnswer>('POST', '/api/model/test', choice === undefined ? {} : { choice }),
  tests: (cursor: string | null) => json<Slice<TestAnswer>>('GET', `/api/tests?${sliceFrom(cursor, LIMIT)}`),
  runTests: () => json<unknown>('POST', '/api/tests/run'),
  removeTest: (id: string) => json<unknown>('DELETE', `/api/tests/${encodeURIComponent(id)}`),

  tokens: () => json<TokensTodayAnswer>('GET', '/api/tokens'),

  status: (signal: AbortSignal) => json<StatusAnswer>('GET', '/api/status', undefined, signal),
}
