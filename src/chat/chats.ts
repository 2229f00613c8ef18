/** Chats and messages as rows. Every question names its owner: what is somebody else's is not there. */
import { type ErrorCode, isErrorCode, KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Reader, Transaction } from '../storage.ts'
import type { Answer, AnswerEnd, AnswerMode, AnswerRange, AnswerState, Citation, Source, Step } from './events.ts'
import type { Exchange } from './follow-up.ts'
import type { Language } from './languages.ts'
import { resolvePersona } from './personas.ts'
import type { Asker, NamedScope } from './scope.ts'

export interface ChatView {
  id: string
  title: string
  /** How its answers are written. */
  personaId: string | null
  createdAt: number
  updatedAt: number
}

export interface MessageView {
  id: string
  role: 'user' | 'assistant'
  /** Of an answer: what it answers. */
  questionId: string | null
  /** Of a question that was asked anew: the one whose place it takes. */
  editOf: string | null
  content: string
  state: AnswerState | 'writing'
  /** What was done for it, in the last attempt. */
  steps: Step[]
  /** What it was written from, as it stood then. */
  sources: Source[]
  citations: Citation[]
  unsupported: AnswerRange[]
  notFound: boolean
  mode: AnswerMode | null
  error: { code: ErrorCode; message: string } | null
  feedback: Feedback['value'] | null
  createdAt: number
}

/** What the asker says of an answer. */
export interface Feedback {
  value: 'up' | 'down'
  reason?: string | undefined
}

/** What is asked in a chat; kept as it was asked, so that an answer can be continued. */
export interface ChatQuestion extends NamedScope {
  question: string
  mode?: 'quotes' | undefined
  /** Looks in the web as well: never without being asked to. */
  web?: true | undefined
  /** Of the page that it was asked in, for where the question does not show its own. */
  language?: Language | undefined
}

export interface ListOptions {
  limit: number
  /** The last id of the page before. */
  cursor?: string | undefined
}

export interface Page<T> {
  items: T[]
  nextCursor: string | null
}

/** An answer as the writing of it needs it. */
export interface AnswerRow {
  messageId: string
  questionId: string
  stream: string
  state: MessageView['state']
}

const TITLE_LENGTH_MAX = 80

/** What can be said of a chat. */
export interface ChatWishes {
  title?: string | undefined
  /** Null for none; the active one of a new chat when it is left out. */
  personaId?: string | null | undefined
}

/** Throws `not_found` for a persona that is not the asker's. */
export function insertChat(tx: Transaction, asker: Asker, { title = '', personaId }: ChatWishes): ChatView {
  const now = Date.now()
  const id = uuidv7(now)
  tx.run(
    'INSERT INTO chats (public_id, owner_id, title, persona_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
    ...[id, asker.userId, cutTitle(title) || 'New chat', resolvePersona(tx, asker, personaId), now, now],
  )
  const { rowId: _, ...chat } = getChat(tx, asker, id)
  return chat
}

export const CHAT_COLUMNS = `public_id AS id, title, created_at AS createdAt, updated_at AS updatedAt,
  (SELECT personas.public_id FROM personas WHERE personas.id = chats.persona_id) AS personaId`

export function listChats(reader: Reader, { userId }: Asker, { limit, cursor }: ListOptions): Page<ChatView> {
  const rows = reader.all<ChatView>(
    `SELECT ${CHAT_COLUMNS} FROM chats WHERE owner_id = ?1 AND deleted_at IS NULL
     AND (?2 IS NULL OR chats.id < (SELECT id FROM chats WHERE public_id = ?2)) ORDER BY chats.id DESC LIMIT ?3`,
    ...[userId, cursor ?? null, limit + 1],
  )
  return pageOf(rows, limit)
}

export function getChat(reader: Reader, { userId }: Asker, chatId: string): ChatView & { rowId: number } {
  const chat = reader.get<ChatView & { rowId: number }>(
    `SELECT ${CHAT_COLUMNS}, id AS rowId FROM chats WHERE public_id = ? AND owner_id = ? AND deleted_at IS NULL`,
    ...[chatId, userId],
  )
  return chat ?? notThere('chat', chatId)
}

/** What is left out stays as it is. */
export function changeChat(tx: Transaction, asker: Asker, chatId: string, { title, personaId }: ChatWishes): void {
  const { rowId } = getChat(tx, asker, chatId)
  if (title !== undefined) tx.run('UPDATE chats SET title = ? WHERE id = ?', cutTitle(title) || 'New chat', rowId)
  if (personaId !== undefined)
    tx.run('UPDATE chats SET persona_id = ? WHERE id = ?', resolvePersona(tx, asker, personaId), rowId)
}

const MESSAGE = `messages.public_id AS id, role,
  (SELECT question.public_id FROM messages AS question WHERE question.id = messages.question_id) AS questionId,
  (SELECT before.public_id FROM messages AS before WHERE before.id = messages.edit_of) AS editOf, content, state, steps, sources, citations, unsupported, not_found AS notFound, mode, feedback,
  error_code AS errorCode, error_message AS errorMessage, messages.created_at AS createdAt`

export function listMessages(
  reader: Reader,
  asker: Asker,
  chatId: string,
  { limit, cursor }: ListOptions,
): Page<MessageView> {
  const { rowId } = getChat(reader, asker, chatId)
  const rows = reader.all<MessageRow>(
    `SELECT ${MESSAGE} FROM messages WHERE chat_id = ?1
     AND (?2 IS NULL OR messages.id < (SELECT id FROM messages WHERE public_id = ?2)) ORDER BY messages.id DESC LIMIT ?3`,
    ...[rowId, cursor ?? null, limit + 1],
  )
  return pageOf(rows.map(toMessage), limit)
}

export function getMessage(reader: Reader, messageId: string): MessageView {
  const row = reader.get<MessageRow>(`SELECT ${MESSAGE} FROM messages WHERE public_id = ?`, messageId)
  return row ? toMessage(row) : notThere('message', messageId)
}

/** The question and the answer that is to be written, in one go. `editOf`: the question of this chat whose place it takes. */
export function insertTurn(
  tx: Transaction,
  asker: Asker,
  chatId: string,
  { question, ...scope }: ChatQuestion,
  editOf?: string,
): AnswerRow {
  const chat = getChat(tx, asker, chatId)
  const now = Date.now()
  const [questionId, messageId, stream] = [uuidv7(now), uuidv7(now), uuidv7(now)]
  const { lastId } = tx.run(
    `INSERT INTO messages (public_id, chat_id, role, state, content, scope, edit_of, created_at)
     VALUES (?, ?, 'user', 'complete', ?, ?, ?, ?)`,
    ...[questionId, chat.rowId, question, JSON.stringify(scope)],
    ...[editOf === undefined ? null : questionRow(tx, chat.rowId, editOf), now],
  )
  insertAnswer(tx, { messageId, stream, chatRowId: chat.rowId, questionRowId: lastId }, now)
  const isFirst = tx.get('SELECT 1 FROM messages WHERE chat_id = ? AND id < ?', chat.rowId, lastId) === undefined
  const title = isFirst && chat.title === 'New chat' ? cutTitle(question) : chat.title
  tx.run('UPDATE chats SET updated_at = ?, title = ? WHERE id = ?', now, title, chat.rowId)
  return { messageId, questionId, stream, state: 'writing' }
}

/** Throws `not_found` for what is no question of this chat. */
function questionRow(reader: Reader, chatRowId: number, questionId: string): number {
  const row = reader.get<{ id: number }>(
    `SELECT id FROM messages WHERE public_id = ? AND chat_id = ? AND role = 'user'`,
    ...[questionId, chatRowId],
  )
  return row?.id ?? notThere('question', questionId)
}

/** A further answer to the question of this one, which stays. Throws `conflict` while this one is being written. */
export function insertAnotherAnswer(tx: Transaction, asker: Asker, chatId: string, messageId: string): AnswerRow {
  const { questionId, state } = getAnswer(tx, asker, chatId, messageId)
  if (state === 'writing') {
    throw new KnowBotError(
      'conflict',
      'Expected an answer that has ended, but this one is being written. Stop it first.',
    )
  }
  const rows = tx.get<{ chatRowId: number; questionRowId: number }>(
    'SELECT chat_id AS chatRowId, question_id AS questionRowId FROM messages WHERE public_id = ?',
    messageId,
  )
  const now = Date.now()
  const another = { messageId: uuidv7(now), stream: uuidv7(now) }
  insertAnswer(tx, { ...another, ...rows! }, now)
  tx.run('UPDATE chats SET updated_at = ? WHERE id = ?', now, rows!.chatRowId)
  return { ...another, questionId, state: 'writing' }
}

function insertAnswer(
  tx: Transaction,
  answer: { messageId: string; stream: string; chatRowId: number; questionRowId: number },
  now: number,
): void {
  tx.run(
    `INSERT INTO messages (public_id, chat_id, role, state, content, question_id, stream, created_at)
     VALUES (?, ?, 'assistant', 'writing', '', ?, ?, ?)`,
    ...[answer.messageId, answer.chatRowId, answer.questionRowId, answer.stream, now],
  )
}

/** The answer of this id in this chat; throws `not_found`. */
export function getAnswer(
  reader: Reader,
  asker: Asker,
  chatId: string,
  messageId: string,
): AnswerRow & { question: ChatQuestion } {
  const { rowId } = getChat(reader, asker, chatId)
  const row = reader.get<AnswerRow & { content: string; scope: string }>(
    `SELECT answer.public_id AS messageId, question.public_id AS questionId, answer.stream, answer.state, question.content, question.scope
     FROM messages AS answer JOIN messages AS question ON question.id = answer.question_id
     WHERE answer.public_id = ? AND answer.chat_id = ?`,
    ...[messageId, rowId],
  )
  if (!row) return notThere('answer', messageId)
  const { content, scope, ...answer } = row
  return { ...answer, question: { ...(JSON.parse(scope) as NamedScope), question: content } }
}

/**
 * The last exchanges of the chat before the question of this answer, oldest first. Answers that came to nothing are left out,
 * and of several answers to one question all but the last. Who asks a question anew goes on from there: what was said from
 * the old one on does not count any more.
 */
export function exchangesBefore(reader: Reader, messageId: string, limit: number): Exchange[] {
  return reader
    .all<Exchange>(
      `SELECT question.content AS question, answer.content AS answer
       FROM messages AS this JOIN messages AS question ON question.chat_id = this.chat_id AND question.id < this.question_id
       JOIN messages AS answer ON answer.id = (
         SELECT max(id) FROM messages
         WHERE chat_id = this.chat_id AND question_id = question.id AND state IN ('complete', 'stopped') AND content <> '')
       WHERE this.public_id = ? AND NOT EXISTS (
         SELECT 1 FROM messages AS edit WHERE edit.chat_id = this.chat_id AND edit.id <= this.question_id
           AND edit.edit_of <= question.id AND question.id < edit.id)
       ORDER BY question.id DESC LIMIT ?`,
      ...[messageId, limit],
    )
    .reverse()
}

/** A new attempt at an interrupted answer; false when it is not interrupted (any more), or not handed over where it has to be. */
export function beginAttempt(tx: Transaction, messageId: string, stream: string, isHandedOver: boolean): boolean {
  return (
    tx.run(
      `UPDATE messages SET state = 'writing', stream = ?, error_code = NULL, error_message = NULL, handed_over_at = NULL
       WHERE public_id = ? AND state = 'interrupted' AND (? = 0 OR handed_over_at IS NOT NULL)`,
      ...[stream, messageId, Number(isHandedOver)],
    ).changes === 1
  )
}

/** What the answer of this stream amounts to; nothing when another attempt has taken its place. */
export function saveAnswer(tx: Transaction, stream: string, answer: EndedAnswer): void {
  const { steps, sources, citations, unsupported, error } = answer
  tx.run(
    `UPDATE messages SET content = ?, state = ?, steps = ?, sources = ?, citations = ?, unsupported = ?, not_found = ?, mode = ?,
       error_code = ?, error_message = ?, handed_over_at = ? WHERE stream = ?`,
    ...[answer.answer, answer.state, JSON.stringify(steps), JSON.stringify(sources), JSON.stringify(citations)],
    ...[JSON.stringify(unsupported), Number(answer.notFound), answer.mode, error?.code ?? null, error?.message ?? null],
    ...[answer.isContinued ? Date.now() : null, stream],
  )
}

type EndedAnswer = Answer &
  Pick<AnswerEnd, 'state' | 'isContinued'> & { steps: readonly Step[]; sources: readonly Source[] }

/** Interrupted answers that a process left for the others since this time. */
export function handedOver(reader: Reader, since: number): { messageId: string; chatId: string; ownerId: number }[] {
  return reader.all(
    `SELECT messages.public_id AS messageId, chats.public_id AS chatId, chats.owner_id AS ownerId
     FROM messages JOIN chats ON chats.id = messages.chat_id
     WHERE handed_over_at >= ? AND messages.state = 'interrupted' AND chats.deleted_at IS NULL ORDER BY messages.id`,
    since,
  )
}

/** The last word counts. */
export function saveFeedback(tx: Transaction, messageId: string, { value, reason }: Feedback): void {
  tx.run(
    'UPDATE messages SET feedback = ?, feedback_reason = ? WHERE public_id = ?',
    ...[value, reason ?? null, messageId],
  )
}

/** Answers that somebody began to write and has not ended. */
export function unfinishedAnswers(reader: Reader): { messageId: string; stream: string }[] {
  return reader.all(`SELECT public_id AS messageId, stream FROM messages WHERE state = 'writing'`)
}

type MessageRow = Omit<MessageView, 'steps' | 'sources' | 'citations' | 'unsupported' | 'notFound' | 'error'> & {
  steps: string
  sources: string
  citations: string
  unsupported: string
  notFound: number
  errorCode: string | null
  errorMessage: string | null
}

function toMessage({ errorCode, errorMessage, ...row }: MessageRow): MessageView {
  const code = isErrorCode(errorCode) ? errorCode : undefined
  return {
    ...row,
    steps: JSON.parse(row.steps) as Step[],
    sources: JSON.parse(row.sources) as Source[],
    citations: JSON.parse(row.citations) as Citation[],
    unsupported: JSON.parse(row.unsupported) as AnswerRange[],
    notFound: row.notFound === 1,
    error: code ? { code, message: errorMessage ?? '' } : null,
  }
}

export function pageOf<T extends { id: string }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null }
}

function cutTitle(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length <= TITLE_LENGTH_MAX
    ? line
    : `${line.slice(0, TITLE_LENGTH_MAX - 1).replace(/[\ud800-\udbff]?\s*$/, '')}…`
}

function notThere(what: string, id: string): never {
  throw new KnowBotError('not_found', `There is no ${what} ${id}, or it is not yours.`)
}
