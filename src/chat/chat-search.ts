/** Finds chats by what is said in them. Every word has to stand in one message, or in the title, as a piece of whatever word. */
import type { Reader } from '../storage.ts'
import { CHAT_COLUMNS, type ChatView, type ListOptions, type Page, pageOf } from './chats.ts'
import type { Asker } from './scope.ts'

export interface FoundChat extends ChatView {
  /** Around the first word that was found in the newest message that has them all; null where the title has them. */
  excerpt: string | null
}

/** Looked through for one search, newest first: beyond it nobody would read on. */
const MATCHES_MAX = 2000
const WORDS_MAX = 12
/** The index holds pieces of three letters; shorter words are looked for in the newest texts, one by one. */
const PIECE_LENGTH = 3
const TEXTS_READ_MAX = 1000

export function searchChats(
  reader: Reader,
  { userId }: Asker,
  query: string,
  { limit, cursor }: ListOptions,
): Page<FoundChat> {
  const words = query.split(/\s+/).filter(Boolean).slice(0, WORDS_MAX)
  const long = words.filter((word) => [...word].length >= PIECE_LENGTH)
  const [found, ...values] = long.length > 0 ? byIndex(userId, long) : byReading(userId, words)
  const rows = reader.all<ChatView & { messageId: number | null }>(
    `WITH matches AS (${found}),
       found AS (
         SELECT messages.chat_id AS chatId, messages.id AS messageId FROM matches JOIN messages ON messages.id = text
         UNION ALL SELECT -text, NULL FROM matches WHERE text < 0)
     SELECT ${CHAT_COLUMNS}, max(messageId) AS messageId FROM found JOIN chats ON chats.id = chatId
     WHERE owner_id = ? AND deleted_at IS NULL AND (? IS NULL OR chats.id < (SELECT id FROM chats WHERE public_id = ?))
     GROUP BY chats.id ORDER BY chats.id DESC LIMIT ?`,
    ...[...values, userId, cursor ?? null, cursor ?? null, limit + 1],
  )
  const { items, nextCursor } = pageOf(rows, limit)
  return {
    items: items.map(({ messageId, ...chat }) => ({ ...chat, excerpt: excerptOf(reader, messageId, words) })),
    nextCursor,
  }
}

type Part = [sql: string, ...values: (string | number)[]]

/** Messages first, titles behind them: those have negative ids. */
function byIndex(userId: number, words: readonly string[]): Part {
  const pieces = words.map((word) => `"${word.replaceAll('"', '""')}"`).join(' AND ')
  const match = `owner : "u${userId}u" AND text : (${pieces})`
  const half = (sign: string) =>
    `SELECT * FROM (SELECT rowid AS text FROM chat_texts WHERE chat_texts MATCH ? AND rowid ${sign} 0 ORDER BY rowid ${sign === '>' ? 'DESC' : 'ASC'} LIMIT ${MATCHES_MAX})`
  return [`${half('>')} UNION ALL ${half('<')}`, match, match]
}

function byReading(userId: number, words: readonly string[]): Part {
  const likes = (column: string) => words.map(() => ` AND ${column} LIKE ? ESCAPE '\\'`).join('')
  const patterns = words.map((word) => `%${word.replace(/[\\%_]/g, '\\$&')}%`)
  const sql = `SELECT text FROM (
      SELECT messages.id AS text, content FROM chats JOIN messages ON chat_id = chats.id
      WHERE owner_id = ? ORDER BY messages.id DESC LIMIT ${TEXTS_READ_MAX}) WHERE 1${likes('content')}
    UNION ALL SELECT -id FROM (SELECT id, title FROM chats WHERE owner_id = ? ORDER BY id DESC LIMIT ${TEXTS_READ_MAX})
      WHERE 1${likes('title')}`
  return [sql, userId, ...patterns, userId, ...patterns]
}

const BEFORE = 40
const EXCERPT_LENGTH = 160

function excerptOf(reader: Reader, messageId: number | null, words: readonly string[]): string | null {
  if (messageId === null) return null
  const text = reader.get<{ content: string }>('SELECT content FROM messages WHERE id = ?', messageId)!.content
  const line = text.replace(/\s+/g, ' ').trim()
  const at = Math.max(0, folded(line).indexOf(folded(words[0] ?? '')))
  const from = at <= BEFORE ? 0 : line.lastIndexOf(' ', at - BEFORE) + 1
  const cut = line.slice(from, from + EXCERPT_LENGTH).toWellFormed()
  return `${from > 0 ? '… ' : ''}${cut}${from + EXCERPT_LENGTH < line.length ? ' …' : ''}`
}

/** Letter for letter as long as the text, so that places in both are the same. */
function folded(text: string): string {
  return [...text]
    .map((letter) => {
      const plain = letter.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
      return plain.length === letter.length ? plain : letter
    })
    .join('')
}
