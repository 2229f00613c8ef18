/**
 * A model's answer from more sources than its window holds: part by part into notes that keep the numbers, then from the notes
 * into one answer. What is checked against the sources is that answer, as always.
 */
import { toKnowBotError } from '../errors.ts'
import type { ChatMessage } from '../inference.ts'
import { listen } from '../lib/listen.ts'
import type { Emit } from './answering.ts'
import type { Broad } from './broad.ts'
import { buildMessages, CONTEXT_TOKENS_MAX, estimateTokens, FENCE_TOKENS, type Prompt } from './context.ts'
import { failureOf, type ModelTurn, writeWithModel } from './model-answer.ts'
import type { OfferedSource } from './pages.ts'

/** Each costs the time and the tokens of one question. */
const PARTS_MAX = 8
/** Of one part: eight of them fit a window together. */
const NOTES_LENGTH_MAX = 1200

const TASKS = {
  summary: {
    part: 'Note the main points of these sources in at most eight short sentences, each with its number.',
    whole:
      'Write a summary of the whole, in the order of the sources, in at most twelve sentences, each with the numbers of its sources.',
  },
  list: {
    part: 'Note every item that the question asks for, one per line, each with its number. Leave nothing out.',
    whole:
      'List every item that the question asks for, one per line beginning with "- ", each with the numbers of its sources. Name the same item once.',
  },
} as const

/** Ends with an `error` event where the model failed, and in silence where the signal stopped it. */
export async function writeInStages(
  { kind, sources }: Pick<Broad, 'kind' | 'sources'>,
  prompt: Omit<Prompt, 'sources'>,
  turn: Pick<ModelTurn, 'model' | 'pages' | 'draft' | 'log'>,
  emit: Emit,
  signal: AbortSignal,
): Promise<void> {
  const { question } = prompt
  const parts = cutIntoParts(sources, question)
  const tasks = TASKS[kind]
  if (parts.length === 1) {
    const messages = () => buildMessages({ ...prompt, sources: parts[0]!, question: `${question}\n${tasks.whole}` })
    return writeWithModel({ ...turn, question, messages, sources: parts[0]! }, emit, signal)
  }
  const notes: string[] = []
  for (const [index, part] of parts.entries()) {
    const startedAt = performance.now()
    const messages = buildMessages({
      ...prompt,
      history: [],
      written: '',
      sources: part,
      question: `${question}\n${tasks.part}`,
    })
    try {
      notes.push(await collect(turn, messages, signal))
    } catch (error) {
      if (signal.aborted) return
      return emit(failureOf(turn, toKnowBotError(error)))
    }
    const label = `Read part ${index + 1} of ${parts.length}: ${printPlace(part)}`
    emit({ type: 'step', name: 'model', label, tookMs: Math.round(performance.now() - startedAt) })
  }
  const messages = () => buildMessages({ ...prompt, sources: [], notes, question: `${question}\n${tasks.whole}` })
  await writeWithModel({ ...turn, question, messages, sources: parts.flat() }, emit, signal)
}

/** As many parts as are allowed, each as large as a window; where that is too little, of all sources at equal distances. */
function cutIntoParts(sources: readonly OfferedSource[], question: string): OfferedSource[][] {
  const room = CONTEXT_TOKENS_MAX - estimateTokens(question)
  const costs = sources.map(({ text }) => estimateTokens(text) + FENCE_TOKENS)
  const total = costs.reduce((sum, cost) => sum + cost, 0)
  const keep = Math.min(1, (room * PARTS_MAX) / total)
  const parts: OfferedSource[][] = [[]]
  let left = room
  let credit = 0
  for (const [index, source] of sources.entries()) {
    credit += keep
    if (credit < 1 && keep < 1) continue
    credit -= 1
    if (costs[index]! > left && parts.at(-1)!.length > 0) {
      if (parts.length === PARTS_MAX) break
      parts.push([])
      left = room
    }
    parts.at(-1)!.push(source)
    left -= costs[index]!
  }
  return parts
}

async function collect(
  { model }: Pick<ModelTurn, 'model'>,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): Promise<string> {
  let text = ''
  const words = listen<string, unknown>((tell, either) => model.write(() => messages, tell, either), signal)
  for await (const delta of words) {
    text += delta
    if (text.length >= NOTES_LENGTH_MAX) break
  }
  return text.slice(0, NOTES_LENGTH_MAX).toWellFormed()
}

function printPlace(part: readonly OfferedSource[]): string {
  const [first, last] = [part[0]!, part.at(-1)!]
  if (first.documentId !== last.documentId) return `${first.name} to ${last.name}`
  return first.page === last.page ? `page ${first.page}` : `pages ${first.page}–${last.page}`
}
