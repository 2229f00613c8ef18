/** The last word on the order, by a model that reads question and passages together, where one is set and answers in time. */
import { KnowBotError } from '../errors.ts'
import type { Reranker } from '../inference.ts'
import { SECOND_MS } from '../lib/units.ts'

/** `missed`: the model did not answer; `left out`: it was not asked, for want of memory. Either way the order is as it was. */
export type Reranking = { state: 'off' | 'used' } | { state: 'missed' | 'left out'; reason: string }

/** More would cost time and money, and what stands behind them is seldom right. */
const READ_MAX = 25
const RERANK_MS_MAX = 1.5 * SECOND_MS

interface Rankable {
  title: string
  candidate: { heading: string; text: string }
  score: number
}

/** The scores stay where they are, so that their scale does: the best passage gets the best of them. Never throws for the model. */
export async function rerank<T extends Rankable>(
  reranker: Reranker | undefined,
  question: string,
  ranked: readonly T[],
): Promise<{ ranked: readonly T[]; reranking: Reranking }> {
  const read = ranked.slice(0, READ_MAX)
  if (!reranker || read.length < 2) return { ranked, reranking: { state: 'off' } }
  const texts = read.map(({ title, candidate: { heading, text } }) =>
    [title, heading, text].filter((part) => part !== '').join('\n'),
  )
  try {
    const order = await reranker.rerank(question, texts, RERANK_MS_MAX, new AbortController().signal)
    const reordered = order.map((index, place) => ({ ...read[index]!, score: read[place]!.score }))
    return { ranked: [...reordered, ...ranked.slice(READ_MAX)], reranking: { state: 'used' } }
  } catch (error) {
    if (!(error instanceof KnowBotError)) throw error
    const state = error.code === 'overloaded' ? 'left out' : 'missed'
    return { ranked, reranking: { state, reason: error.message } }
  }
}
