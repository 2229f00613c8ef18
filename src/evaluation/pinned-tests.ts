/** Answers that somebody has pinned, as rows. Every question names its owner: what is somebody else's is not there. */
import type { Citation } from '../chat.ts'
import { KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Reader, Transaction } from '../storage.ts'
import type { Verdict } from './verdict.ts'

export interface PinnedTest {
  id: string
  question: string
  /** Name of the document that was cited. */
  document: string | null
  page: number | null
  passage: string | null
  mustContain: string[]
  mustRefuse: boolean
  /** Of the last run. */
  isPassed: boolean | null
  reasons: string[]
  ranAt: number | null
  createdAt: number
}

export interface PinnedAnswer {
  question: string
  citations: readonly Citation[]
  notFound: boolean
}

/** More would be run for longer than somebody waits. */
export const TESTS_MAX = 500

/** What was cited first is what the test expects; of an answer that found nothing, that it does so again. */
export function insertTest(
  tx: Transaction,
  userId: number,
  { question, citations, notFound }: PinnedAnswer,
  mustContain: readonly string[],
): PinnedTest {
  const { count } = tx.get<{ count: number }>('SELECT count(*) AS count FROM pinned_tests WHERE owner_id = ?', userId)!
  if (count >= TESTS_MAX) {
    throw new KnowBotError('conflict', `Expected at most ${TESTS_MAX} tests, and there are as many. Remove one first.`)
  }
  const cited = notFound ? undefined : citations[0]
  const id = uuidv7()
  tx.run(
    `INSERT INTO pinned_tests (public_id, owner_id, question, document_name, page, quote, must_contain, must_refuse, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[id, userId, question, cited?.name ?? null, cited?.page ?? null, cited?.quote ?? null],
    ...[JSON.stringify(mustContain), Number(notFound), Date.now()],
  )
  return getTest(tx, userId, id)
}

const TEST = `public_id AS id, question, document_name AS document, page, quote AS passage, must_contain AS mustContain,
  must_refuse AS mustRefuse, is_passed AS isPassed, reasons, ran_at AS ranAt, created_at AS createdAt`

type TestRow = Omit<PinnedTest, 'mustContain' | 'mustRefuse' | 'isPassed' | 'reasons'> & {
  mustContain: string
  mustRefuse: number
  isPassed: number | null
  reasons: string
}

export function listTests(
  reader: Reader,
  userId: number,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): { items: PinnedTest[]; nextCursor: string | null } {
  const rows = reader.all<TestRow>(
    `SELECT ${TEST} FROM pinned_tests WHERE owner_id = ?1
     AND (?2 IS NULL OR id < (SELECT id FROM pinned_tests WHERE public_id = ?2)) ORDER BY id DESC LIMIT ?3`,
    ...[userId, cursor ?? null, limit + 1],
  )
  const items = rows.slice(0, limit).map(toTest)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null }
}

export function getTest(reader: Reader, userId: number, testId: string): PinnedTest {
  const row = reader.get<TestRow>(
    `SELECT ${TEST} FROM pinned_tests WHERE public_id = ? AND owner_id = ?`,
    ...[testId, userId],
  )
  if (row) return toTest(row)
  throw new KnowBotError('not_found', `There is no test ${testId}, or it is not yours.`)
}

export function deleteTest(tx: Transaction, userId: number, testId: string): void {
  getTest(tx, userId, testId)
  tx.run('DELETE FROM pinned_tests WHERE public_id = ?', testId)
}

/** Nothing where it was removed meanwhile. */
export function saveVerdict(tx: Transaction, testId: string, { isPassed, reasons }: Verdict, ranAt: number): void {
  tx.run(
    'UPDATE pinned_tests SET is_passed = ?, reasons = ?, ran_at = ? WHERE public_id = ?',
    ...[Number(isPassed), JSON.stringify(reasons), ranAt, testId],
  )
}

function toTest(row: TestRow): PinnedTest {
  return {
    ...row,
    mustContain: JSON.parse(row.mustContain) as string[],
    mustRefuse: row.mustRefuse === 1,
    isPassed: row.isPassed === null ? null : row.isPassed === 1,
    reasons: JSON.parse(row.reasons) as string[],
  }
}
