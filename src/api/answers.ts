/** What answers say. Times are ISO 8601 in UTC; `start` and `end` count UTF-16 code units, pages count from 1. */
import * as v from 'valibot'
import { Scope } from './requests.ts'
import { count, fraction, id, listOf, pageNumber, reason, role, time } from './values.ts'

/** RFC 9457. */
export const Problem = v.strictObject({
  type: v.pipe(v.string(), v.description('`urn:knowbot:problem:` and the code.')),
  title: v.pipe(v.string(), v.description('What the code means.')),
  status: v.pipe(v.number(), v.integer()),
  code: v.pipe(v.string(), v.description('For programs; never changes. See docs/reference/errors.md.')),
  detail: v.pipe(v.string(), v.description('For people: what was expected, what came, and what to do.')),
})
export type ProblemAnswer = v.InferOutput<typeof Problem>

export const Waiting = v.strictObject({
  reason: v.picklist(['turn', 'memory', 'disk', 'retry', 'paused', 'no_worker']),
  message: v.string(),
  since: time,
  etaSeconds: v.pipe(v.nullable(count), v.description('About so long; null where nobody can tell.')),
})
export type WaitingAnswer = v.InferOutput<typeof Waiting>

export const Document = v.strictObject({
  id,
  name: v.string(),
  type: v.pipe(v.string(), v.description('Media type.')),
  bytes: count,
  status: v.picklist(['queued', 'reading', 'ready', 'failed']),
  waiting: v.pipe(
    v.nullable(Waiting),
    v.description('Why it is not being read at this moment; null while it is, and when it has been.'),
  ),
  pages: v.strictObject({ total: v.nullable(count), done: count, unreadable: v.array(pageNumber) }),
  passages: count,
  error: v.pipe(
    v.nullable(reason),
    v.description('Why it failed. Of a document that is ready: why the last attempt to read it again failed.'),
  ),
  language: v.nullable(v.string()),
  collectionId: id,
  createdAt: time,
  readyAt: v.nullable(time),
})
export type DocumentAnswer = v.InferOutput<typeof Document>

/** What an upload is answered with. */
export const UploadedDocument = v.strictObject({
  ...Document.entries,
  differs: v.pipe(
    v.optional(
      v.strictObject({
        language: v.optional(v.strictObject({ before: v.nullable(v.string()), asked: v.string() })),
        collectionId: v.optional(v.strictObject({ before: id, asked: id })),
      }),
    ),
    v.description('The same bytes are there, and what was asked for now is otherwise with them.'),
  ),
})
export const DeletedAll = v.strictObject({
  removed: count,
  removedAt: v.pipe(time, v.description('What undoing it asks for, for ten minutes.')),
})
export type DeletedAllAnswer = v.InferOutput<typeof DeletedAll>
export const RestoredAll = v.strictObject({
  restored: v.pipe(count, v.description('What was brought again meanwhile is not counted.')),
})

export type UploadAnswer = v.InferOutput<typeof UploadedDocument>

export const DocumentList = listOf(Document)

export const SampleList = v.strictObject({ items: v.array(Document) })

export const Page = v.strictObject({
  documentId: id,
  page: pageNumber,
  text: v.string(),
  source: v.picklist(['text', 'ocr', 'both', 'none']),
  confidence: v.nullable(v.number()),
  language: v.nullable(v.string()),
  width: v.nullable(v.number()),
  height: v.nullable(v.number()),
  words: v.pipe(
    v.nullable(
      v.array(
        v.strictObject({
          start: count,
          end: count,
          x: v.number(),
          y: v.number(),
          width: v.number(),
          height: v.number(),
          confidence: v.nullable(v.number()),
        }),
      ),
    ),
    v.description("In the page's own units."),
  ),
  error: v.pipe(v.nullable(reason), v.description('Why the page could not be read.')),
})
export type PageAnswer = v.InferOutput<typeof Page>

const range = v.strictObject({ start: count, end: count })

export const SearchResult = v.strictObject({
  hits: v.array(
    v.strictObject({
      documentId: id,
      name: v.string(),
      type: v.pipe(v.string(), v.description('Media type.')),
      collectionId: id,
      page: pageNumber,
      heading: v.pipe(v.string(), v.description('The headings above it: `A > B`; empty where there are none.')),
      text: v.string(),
      start: count,
      end: count,
      snippet: v.pipe(
        v.strictObject({ start: count, end: count, highlights: v.array(range) }),
        v.description('The part of `text` to show in a list, and what to mark; ranges of `text`.'),
      ),
      score: v.number(),
    }),
  ),
  facets: v.pipe(
    v.strictObject({
      collections: v.array(v.strictObject({ id, name: v.string(), documents: count })),
      types: v.array(v.strictObject({ type: v.string(), documents: count })),
    }),
    v.description('Documents by collection and type among the best 50 passages.'),
  ),
  confidence: v.pipe(
    v.number(),
    v.minValue(0),
    v.maxValue(1),
    v.description('Below 0.5 an answer in quotes would say that the documents have nothing about it.'),
  ),
  didYouMean: v.pipe(
    v.nullable(v.string()),
    v.description('The query without its typing errors, by which the hits were found.'),
  ),
  tookMs: v.pipe(v.number(), v.minValue(0)),
})
export type SearchAnswer = v.InferOutput<typeof SearchResult>

const fromDocument = v.pipe(v.nullable(id), v.description('Null of a result from the web.'))
const fromPage = v.pipe(v.nullable(pageNumber), v.description('Null of a result from the web.'))
const url = v.pipe(v.optional(v.pipe(v.string(), v.url())), v.description('Of a result from the web.'))

export const Citation = v.strictObject({
  n: pageNumber,
  documentId: fromDocument,
  name: v.string(),
  page: fromPage,
  quote: v.pipe(v.string(), v.description('Occurs literally at [start, end) of the text of that page.')),
  start: count,
  end: count,
  verified: v.pipe(
    v.boolean(),
    v.description('True only when the server checked that; never of a result from the web.'),
  ),
  url,
})
export type CitationAnswer = v.InferOutput<typeof Citation>

/** A passage that was found for a question. */
export const Source = v.strictObject({
  n: pageNumber,
  documentId: fromDocument,
  name: v.string(),
  page: fromPage,
  text: v.string(),
  start: count,
  end: count,
  url,
})

export const Step = v.strictObject({ name: v.string(), label: v.string(), tookMs: v.optional(v.number()) })

export const Range = v.strictObject({ start: count, end: count })
export const Mode = v.picklist(['model', 'quotes'])

export const Answer = v.strictObject({
  answer: v.pipe(v.string(), v.description('Sources are marked [n].')),
  citations: v.array(Citation),
  unsupported: v.pipe(v.array(Range), v.description('Ranges of the answer that no source bears out.')),
  notFound: v.boolean(),
  confidence: v.pipe(fraction, v.description('What `notFound` was decided by.')),
  mode: Mode,
})
export type AnswerResult = v.InferOutput<typeof Answer>

export const Me = v.strictObject({
  id,
  username: v.string(),
  role,
  via: v.picklist(['session', 'key', 'bootstrap', 'local']),
  scopes: v.array(Scope),
  webSearch: v.pipe(v.boolean(), v.description('Whether questions may ask for the web.')),
})
export type MeAnswer = v.InferOutput<typeof Me>

export const Session = v.strictObject({
  id,
  userAgent: v.pipe(v.nullable(v.string()), v.description('As the browser called itself when it signed in.')),
  createdAt: time,
  lastSeenAt: v.pipe(time, v.description('To within minutes.')),
  isCurrent: v.pipe(v.boolean(), v.description('The one that asks.')),
})
export type SessionAnswer = v.InferOutput<typeof Session>
export const SessionList = listOf(Session)

export const User = v.strictObject({ id, username: v.string(), role, disabled: v.boolean(), createdAt: time })
export type UserAnswer = v.InferOutput<typeof User>
export const UserList = listOf(User)

export const Key = v.strictObject({
  id,
  name: v.string(),
  scopes: v.array(Scope),
  createdAt: time,
  expiresAt: v.nullable(time),
  lastUsedAt: v.nullable(time),
})
export type KeyAnswer = v.InferOutput<typeof Key>
export const KeyList = listOf(Key)
export const CreatedKey = v.strictObject({
  ...Key.entries,
  key: v.pipe(v.string(), v.description('Shown this once; only its hash is kept.')),
})
export type CreatedKeyAnswer = v.InferOutput<typeof CreatedKey>

export const Collection = v.strictObject({ id, name: v.string(), owner: v.string(), createdAt: time })
export type CollectionAnswer = v.InferOutput<typeof Collection>
export const CollectionList = listOf(Collection)

export const Health = v.strictObject({ status: v.literal('ok') })

/** On which rung of its ladder the server is. */
export const ServerMode = v.strictObject({
  mode: v.pipe(
    v.picklist(['background', 'inline', 'quotes only', 'read only']),
    v.description(
      '`background`: everything is done. `inline`: only small plain text is read. `quotes only`: the model is not asked. `read only`: nothing is kept.',
    ),
  ),
  reason: v.pipe(v.nullable(v.string()), v.description('Why something is not done, in words.')),
  leftOut: v.pipe(v.array(v.string()), v.description('What is not done for want of memory, given up in this order.')),
})
export type ServerModeAnswer = v.InferOutput<typeof ServerMode>

export const Ready = v.strictObject({
  checks: v.pipe(
    v.strictObject({
      database: v.picklist(['ok', 'failed']),
      disk: v.picklist(['ok', 'low', 'failed']),
      process: v.picklist(['ok', 'stopping']),
      memory: v.picklist(['ok', 'short']),
      jobs: v.picklist(['ok', 'waiting', 'failed']),
    }),
    v.description(
      '`disk: low` refuses uploads; reading, asking and deleting go on. `process: stopping`: another one takes its place. `jobs: failed`: no process that reads documents can be started.',
    ),
  ),
  needsSetup: v.pipe(v.boolean(), v.description('Nobody administers yet: POST /api/setup.')),
  ...ServerMode.entries,
})
export type ReadyAnswer = v.InferOutput<typeof Ready>

/** What the supervisor says is its own affair and grows; the queue is told beside it. */
export const Status = v.looseObject({
  workers: v.array(v.looseObject({ pid: v.number(), role: v.string() })),
  jobs: v.strictObject({
    queued: count,
    running: count,
    failed: v.array(
      v.strictObject({
        id: v.string(),
        task: v.string(),
        code: v.nullable(v.string()),
        message: v.nullable(v.string()),
        attempts: count,
        endedAt: time,
      }),
    ),
  }),
})
