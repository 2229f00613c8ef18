/** What requests may say. Unknown keys are refused: a misspelt one is worse than a missing one. */
import * as v from 'valibot'

export const LIST_LIMIT = 50
export const LIST_LIMIT_MAX = 200
export const SEARCH_LIMIT = 10
const SEARCH_LIMIT_MAX = 100
const QUERY_CHARACTERS_MAX = 10_000
const CHAT_QUERY_CHARACTERS_MAX = 500
const QUESTION_CHARACTERS_MAX = 100_000
const COLLECTIONS_NAMED_MAX = 1000
/** Somebody unticks documents one by one, or all but a few thousand. With the longest question it is less than a body may be. */
export const DOCUMENTS_NAMED_MAX = 15_000
/** Longer than any name or password that is taken: what is too long is told by whoever knows the limit. */
const TEXT_CHARACTERS_MAX = 1000

/** An id as somebody names it. One that cannot be an id is that of nothing, so that only its length is looked at. */
const named = v.pipe(v.string(), v.maxLength(64), v.description('A UUID.'))
const text = v.pipe(v.string(), v.maxLength(TEXT_CHARACTERS_MAX))
const saysSomething = v.regex(/\S/, 'Expected some words, got none')

/** BCP 47, for the recognition of text. */
export const Language = v.pipe(
  v.string(),
  v.maxLength(35),
  v.regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'Expected a language such as en or pt-BR'),
  v.description('BCP 47.'),
)

export const ListQuery = v.strictObject({
  limit: v.optional(
    v.pipe(
      v.string(),
      v.transform(Number),
      v.number('Expected a whole number from 1'),
      v.integer('Expected a whole number from 1'),
      v.minValue(1, 'Expected a whole number from 1'),
      v.description(`How many at most; ${LIST_LIMIT} by default, never more than ${LIST_LIMIT_MAX}.`),
    ),
  ),
  cursor: v.optional(
    v.pipe(
      v.string(),
      v.uuid('Expected the nextCursor of an earlier answer'),
      v.description('`nextCursor` of the answer before.'),
    ),
  ),
})

export const ChatListQuery = v.strictObject({
  ...ListQuery.entries,
  query: v.optional(
    v.pipe(
      v.string(),
      v.maxLength(CHAT_QUERY_CHARACTERS_MAX),
      v.description('Only chats in which all these words were said, or whose title has them.'),
    ),
  ),
})

export const KeyListQuery = v.strictObject({
  ...ListQuery.entries,
  userId: v.optional(v.pipe(v.string(), v.maxLength(64), v.description('Keys of somebody else; for administrators.'))),
})

export const DeleteChatQuery = v.strictObject({
  purge: v.optional(v.pipe(v.picklist(['now']), v.description('Nothing is kept to restore.'))),
})

export const DeleteDocumentQuery = v.strictObject({
  purge: v.optional(v.pipe(v.picklist(['now']), v.description('Nothing is kept to restore.'))),
})

export const DeleteAllQuery = v.strictObject({
  all: v.pipe(
    v.picklist(['yes'], 'Expected all=yes: this deletes every document of yours'),
    v.description('Said on purpose.'),
  ),
})
export const RestoreAllRequest = v.strictObject({
  removedAt: v.pipe(v.string(), v.isoTimestamp(), v.description('What the answer to the deletion said.')),
})

export const PictureQuery = v.strictObject({
  width: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[1-9]\d{0,4}$/, 'Expected a number of pixels from 1'),
      v.transform(Number),
      v.description('At least so many pixels: the next of 400, 800, 1200, 1600 and 2400; 1200 by default.'),
    ),
  ),
})

export const Credentials = v.strictObject({ username: text, password: text })
export const PasswordRequest = v.strictObject({ current: text, password: text })
export const SetupRequest = v.strictObject({
  code: v.pipe(text, v.description('The one-time code that the server printed at its start.')),
  username: text,
  password: text,
})

const Role = v.picklist(['administrator', 'member'])
export const Scope = v.picklist(['read', 'write', 'chat', 'admin'])

export const NewUserRequest = v.strictObject({ username: text, password: text, role: v.optional(Role, 'member') })
export const UserChangeRequest = v.strictObject({
  password: v.optional(text),
  role: v.optional(Role),
  disabled: v.optional(v.boolean()),
})

export const NewKeyRequest = v.strictObject({
  name: text,
  scopes: v.optional(
    v.pipe(v.array(Scope), v.minLength(1), v.maxLength(4), v.description('`read`, `write` and `chat` by default.')),
  ),
  expiresAt: v.optional(
    v.nullable(v.pipe(v.string(), v.isoTimestamp('Expected a time in ISO 8601, such as 2030-01-31T00:00:00Z'))),
  ),
  userId: v.optional(
    v.pipe(v.string(), v.maxLength(64), v.description('A key for somebody else; for administrators.')),
  ),
})

export const RetryRequest = v.strictObject({
  password: v.optional(v.pipe(text, v.description('Of the document; never stored.'))),
  language: v.optional(Language),
})

/** Where to look; everything that the caller may read when left out. */
const scope = {
  collectionIds: v.optional(v.pipe(v.array(named), v.minLength(1), v.maxLength(COLLECTIONS_NAMED_MAX))),
  documentIds: v.optional(v.pipe(v.array(named), v.minLength(1), v.maxLength(DOCUMENTS_NAMED_MAX))),
}

export const SearchRequest = v.strictObject({
  query: v.pipe(v.string(), v.maxLength(QUERY_CHARACTERS_MAX), saysSomething),
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(SEARCH_LIMIT_MAX)), SEARCH_LIMIT),
  ...scope,
})

const mode = v.optional(v.pipe(v.picklist(['quotes']), v.description('`quotes` leaves the model out.')))
const question = v.pipe(v.string(), v.maxLength(QUESTION_CHARACTERS_MAX), saysSomething)

const web = v.optional(
  v.pipe(v.literal(true), v.description('Looks in the web as well, where the server has a search engine for it.')),
)

export const AskRequest = v.strictObject({ question, ...scope, mode, web })

const persona = v.nullable(v.pipe(named, v.description('How answers are written. Null for no persona.')))

export const NewChatRequest = v.strictObject({
  title: v.optional(v.pipe(text, v.description('The first question when left out.'))),
  personaId: v.optional(v.pipe(persona, v.description('The active one when left out; null for none.'))),
})
export const ChatChangeRequest = v.strictObject({
  title: v.optional(v.pipe(text, saysSomething)),
  personaId: v.optional(persona),
})
export const MessageRequest = v.strictObject({
  content: question,
  ...scope,
  web,
  exceptDocumentIds: v.optional(
    v.pipe(
      v.array(named),
      v.minLength(1),
      v.maxLength(DOCUMENTS_NAMED_MAX),
      v.description('Everywhere but in these; not beside documentIds.'),
    ),
  ),
  mode,
})

export const FeedbackValue = v.picklist(['up', 'down'])
export const FeedbackRequest = v.strictObject({ value: FeedbackValue, reason: v.optional(text) })
