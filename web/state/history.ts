/** What the server tells of a chat, joined with what this window saw happen. */
import type { MessageAnswer } from '../wire.ts'
import { type Exchange, isBusy, recallExchange } from './exchange.ts'

/** Pieces of the history end anywhere: an answer may come before its question. */
export interface HistoryRecord {
  readonly questions: Map<string, MessageAnswer>
  readonly orphans: Set<MessageAnswer>
}

export function createRecord(): HistoryRecord {
  return { questions: new Map(), orphans: new Set() }
}

/** What is here already stays as it is. `busy` are those whose answer is being written and read by nobody here. */
export function joinHistory(
  known: readonly Exchange[],
  record: HistoryRecord,
  messages: readonly MessageAnswer[],
): { all: Exchange[]; busy: Exchange[] } {
  const { questions, orphans } = record
  for (const message of messages) {
    if (message.role === 'user') questions.set(message.id, message)
    else orphans.add(message)
  }
  const byMessage = new Map(known.map((exchange) => [exchange.messageId, exchange]))
  const [recalled, busy]: [Exchange[], Exchange[]] = [[], []]
  for (const answer of orphans) {
    const question = questions.get(answer.questionId ?? '')
    if (question === undefined) continue
    orphans.delete(answer)
    const here = byMessage.get(answer.id)
    const exchange = here ?? recallExchange(question, answer)
    if (here === undefined) recalled.push(exchange)
    // Continued in another window.
    else if (answer.state === 'writing' && !isBusy(here)) here.state.value = 'searching'
    else continue
    if (isBusy(exchange)) busy.push(exchange)
  }
  return { all: inOrder([...recalled, ...known]), busy }
}

/** Ids of messages grow with time; what has none yet comes last, as it was asked. */
function inOrder(all: readonly Exchange[]): Exchange[] {
  const last = '\uffff'
  const place = ({ questionId, messageId }: Exchange) => `${questionId.peek() ?? last} ${messageId ?? last}`
  return all.toSorted((a, b) => (place(a) < place(b) ? -1 : place(a) > place(b) ? 1 : 0))
}
