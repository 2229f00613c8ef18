/** What the formats of model servers have in common, and each says in its own way. */
import type { ChatMessage } from '../inference.ts'
import type { Json } from './json.ts'

export interface WireFormat {
  /** Behind the base address. */
  path: string
  headers(key: string | undefined): Readonly<Record<string, string>>
  /** Of the messages alone; model and parameters are the same everywhere. */
  body(messages: readonly ChatMessage[]): Json
  /** One event that is JSON. Events that are none of these say nothing: new kinds may come at any time. */
  read(event: Json): Chunk
}

/** What one event says. */
export interface Chunk {
  text?: string
  /** Words that the model says to itself: not shown, but a sign of life. */
  isThinking?: boolean
  stop?: StopReason
  /** Nothing of the answer comes behind it. */
  isEnd?: boolean
  /** The latest figure of each counts. */
  usage?: Partial<Usage>
  /** An error in the server's words. */
  error?: unknown
}

/** Why a model stopped writing: it was done, it had no more room, its provider does not want it to say this. */
export type StopReason = 'complete' | 'length' | 'refusal'

/** What an answer has cost, in tokens of the model, as its server counts them. */
export interface Usage {
  inputTokens: number
  outputTokens: number
}
