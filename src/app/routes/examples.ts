/** What the examples of several routes share. A test holds each of them to its schema. */

const ID = '0199b2a4-7c5e-7d1f-8a3b-6c9d0e1f2a3b'
const COLLECTION_ID = '0199b2a3-1f00-7a4e-9b1c-2d3e4f5a6b7c'
const CREATED = '2026-05-04T08:12:30.125Z'

export const ME_EXAMPLE = {
  webSearch: false,
  id: '0199b2a2-0c3d-7e4f-8a5b-6c7d8e9f0a1b',
  username: 'Ada',
  role: 'administrator',
  via: 'session',
  scopes: ['read', 'write', 'chat', 'admin'],
}

export const USER_EXAMPLE = {
  id: '0199b2a2-5b6c-7d7e-8f8a-9b0c1d2e3f4a',
  username: 'Bob',
  role: 'member',
  disabled: false,
  createdAt: CREATED,
}

export const SESSION_EXAMPLE = {
  id: '6f1c2b3a-9d8e-4f70-a1b2-c3d4e5f60718',
  userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  createdAt: CREATED,
  lastSeenAt: CREATED,
  isCurrent: true,
}

export const KEY_EXAMPLE = {
  id: '0199b2a4-7c5e-7d1f-8a3b-6c9d0e1f2a3b',
  name: 'nightly import',
  scopes: ['read', 'write'],
  createdAt: CREATED,
  expiresAt: '2030-01-31T00:00:00.000Z',
  lastUsedAt: null,
}

export const COLLECTION_EXAMPLE = { id: COLLECTION_ID, name: 'Documents', owner: 'Ada', createdAt: CREATED }

export const QUEUED_EXAMPLE = {
  id: ID,
  name: 'reading-room.pdf',
  type: 'application/pdf',
  bytes: 48_213,
  status: 'queued',
  waiting: { reason: 'turn', message: 'Its turn comes next.', since: CREATED, etaSeconds: 4 },
  pages: { total: null, done: 0, unreadable: [] },
  passages: 0,
  error: null,
  language: null,
  collectionId: COLLECTION_ID,
  createdAt: CREATED,
  readyAt: null,
}

export const READY_EXAMPLE = {
  ...QUEUED_EXAMPLE,
  status: 'ready',
  waiting: null,
  pages: { total: 4, done: 4, unreadable: [] },
  passages: 11,
  readyAt: '2026-05-04T08:12:33.402Z',
}

export const FAILED_EXAMPLE = {
  ...QUEUED_EXAMPLE,
  status: 'failed',
  waiting: null,
  error: { code: 'password_needed', message: 'The document is encrypted and needs its password.' },
}

const SENTENCE = 'The reading room opens at nine in the morning.'

export const PAGE_EXAMPLE = {
  documentId: ID,
  page: 2,
  text: `Visitors\n${SENTENCE}`,
  source: 'ocr',
  confidence: 0.94,
  language: 'eng',
  width: 1654,
  height: 2339,
  words: [{ start: 0, end: 8, x: 212, y: 180, width: 160, height: 31, confidence: 0.97 }],
  error: null,
}

const PLACE = { documentId: ID, name: 'reading-room.pdf', page: 2 }
const TYPE = 'application/pdf'
const HIT = {
  ...PLACE,
  type: TYPE,
  collectionId: COLLECTION_ID,
  heading: 'Visitors',
  text: `Visitors\n${SENTENCE}`,
  start: 0,
  end: 55,
  snippet: {
    start: 0,
    end: 55,
    highlights: [
      { start: 13, end: 25 },
      { start: 26, end: 31 },
    ],
  },
  score: 8.31,
}
export const SEARCH_EXAMPLE = {
  hits: [HIT],
  facets: {
    collections: [{ id: COLLECTION_ID, name: 'Documents', documents: 1 }],
    types: [{ type: TYPE, documents: 1 }],
  },
  confidence: 0.91,
  didYouMean: null,
  tookMs: 7.4,
}

const CITATION = { n: 1, ...PLACE, quote: SENTENCE, start: 9, end: 55, verified: true }
export const ANSWER_EXAMPLE = {
  answer: `${SENTENCE} [1]`,
  citations: [CITATION],
  unsupported: [],
  notFound: false,
  confidence: 0.87,
  mode: 'quotes',
}

const CHAT_ID = '0199b2a5-0d1e-7f2a-8b3c-4d5e6f7a8b9c'
export const PERSONA_EXAMPLE = {
  id: '0199b2a5-3c4d-7e5f-8a6b-7c8d9e0f1a2b',
  name: 'Plain words',
  instructions: 'Answer in short sentences and plain words, and put figures into a table.',
  active: true,
  createdAt: CREATED,
}

export const TEST_EXAMPLE = {
  id: '0199b2a5-4d5e-7f6a-8b7c-8d9e0f1a2b3c',
  question: 'When does the reading room open?',
  document: PLACE.name as string | null,
  page: PLACE.page as number | null,
  passage: SENTENCE as string | null,
  mustContain: ['nine'],
  mustRefuse: false,
  isPassed: true as boolean | null,
  reasons: [] as string[],
  ranAt: CREATED as string | null,
  createdAt: CREATED,
}

export const CHAT_EXAMPLE = {
  id: CHAT_ID,
  title: 'Opening hours',
  personaId: PERSONA_EXAMPLE.id as string | null,
  createdAt: CREATED,
  updatedAt: CREATED,
}

const { confidence: _, answer: content, ...SAID } = ANSWER_EXAMPLE
export const MESSAGE_EXAMPLE = {
  id: '0199b2a5-1a2b-7c3d-8e4f-5a6b7c8d9e0f',
  role: 'assistant',
  questionId: '0199b2a5-1a2a-7b3c-8d4e-5f6a7b8c9d0e' as string | null,
  editOf: null,
  content,
  state: 'complete',
  steps: [{ name: 'search', label: 'Found 1 passage', tookMs: 4 }],
  sources: [{ n: 1, ...PLACE, text: `Visitors\n${SENTENCE}`, start: 0, end: 55 }],
  ...SAID,
  error: null,
  feedback: null,
  createdAt: CREATED,
}
export const QUESTION_EXAMPLE = {
  ...MESSAGE_EXAMPLE,
  id: '0199b2a5-1a2a-7b3c-8d4e-5f6a7b8c9d0e',
  role: 'user',
  questionId: null,
  content: 'When does the reading room open?',
  steps: [],
  sources: [],
  citations: [],
  mode: null,
}
export const INTERRUPTED_EXAMPLE = {
  ...MESSAGE_EXAMPLE,
  content: 'The reading room opens',
  state: 'interrupted',
  citations: [],
  mode: 'model',
  error: {
    code: 'interrupted',
    message: 'The server stopped while it wrote this. What was written is kept, and can be continued.',
  },
}
