/**
 * The wire contract: what requests may say, what answers say, and the events of streams. Requests are checked against these
 * schemas, `docs/reference/openapi.json` is written from them, and clients take their types from here.
 */
export * from './api/answers.ts'
export * from './api/chats.ts'
export * from './api/evaluation.ts'
export * from './api/events.ts'
export * from './api/index-status.ts'
export * from './api/models.ts'
export * from './api/personas.ts'
export * from './api/requests.ts'
export * from './api/suggestions.ts'
