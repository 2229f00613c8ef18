/**
 * Whether questions are answered as they were: answers that somebody has pinned are asked again, now and whenever they like, and
 * what has become otherwise is told. Without a model that costs nothing but searches.
 */
import { type Asker, type Chat, fold } from './chat.ts'
import {
  deleteTest,
  insertTest,
  listTests,
  type PinnedAnswer,
  type PinnedTest,
  saveVerdict,
  TESTS_MAX,
} from './evaluation/pinned-tests.ts'
import { type Expectation, judge, type Outcome } from './evaluation/verdict.ts'
import type { Search } from './search.ts'
import type { Storage } from './storage.ts'

export type { PinnedAnswer, PinnedTest } from './evaluation/pinned-tests.ts'
export { parseTests } from './evaluation/test-file.ts'
export { type Expectation, holds, judge, type Outcome, type Verdict } from './evaluation/verdict.ts'

export interface Evaluation {
  /** The answer to this question becomes a test of it. */
  pin(asker: Asker, answer: PinnedAnswer, mustContain: readonly string[]): Promise<PinnedTest>
  /** Newest first. */
  list(
    asker: Asker,
    options: { limit: number; cursor?: string | undefined },
  ): { items: PinnedTest[]; nextCursor: string | null }
  remove(asker: Asker, testId: string): Promise<void>
  /** All tests of the asker, one after the other, with what came of each. `withModel`: the answers are written, at its price. */
  run(asker: Asker, options: { withModel: boolean }, signal: AbortSignal): Promise<PinnedTest[]>
}

export interface EvaluationServices {
  storage: Storage
  search: Search
  chat: Chat
}

const HITS = 10

export function openEvaluation(services: EvaluationServices): Evaluation {
  const { database } = services.storage
  return {
    pin: ({ userId }, answer, mustContain) => database.write((tx) => insertTest(tx, userId, answer, mustContain)),
    list: ({ userId }, options) => listTests(database, userId, options),
    remove: ({ userId }, testId) => database.write((tx) => deleteTest(tx, userId, testId)),
    async run(asker, { withModel }, signal) {
      const { items } = listTests(database, asker.userId, { limit: TESTS_MAX })
      for (const test of items) {
        signal.throwIfAborted()
        const verdict = judge(expectationOf(test), await ask(services, asker, test.question, withModel, signal))
        await database.write((tx) => saveVerdict(tx, test.id, verdict, Date.now()))
      }
      return listTests(database, asker.userId, { limit: TESTS_MAX }).items
    },
  }
}

function expectationOf({ question, document, passage, mustContain, mustRefuse }: PinnedTest): Expectation {
  return { question, document: document ?? undefined, passage: passage ?? undefined, mustContain, mustRefuse }
}

async function ask(
  { search, chat }: EvaluationServices,
  asker: Asker,
  question: string,
  withModel: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const { hits } = await search.find({ text: question, collectionIds: asker.readableCollections, limit: HITS })
  const mode = withModel ? undefined : 'quotes'
  const { answer, citations, notFound } = await fold(chat.ask(asker, { question, mode }, signal))
  return { hits, quotes: citations.map(({ name, quote }) => ({ name, text: quote })), answer, notFound }
}
