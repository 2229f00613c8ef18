/**
 * OpenAI's Chat Completions, streamed: `POST {base}/chat/completions` answers server-sent events, each a JSON chunk with
 * `choices[0].delta.content`, the last one with a `finish_reason`, then `[DONE]`. What servers do differently: chunks without
 * choices (usage, keep-alive), `choices: null`, the reasoning in a field of its own, text in the chunk that ends, no `[DONE]`,
 * an `error` in the middle of the stream.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { KnowBotError } from '../errors.ts'
import type { ChatMessage } from '../inference.ts'
import { KIB } from '../lib/units.ts'
import { explainStreamError } from './explain.ts'
import { type ModelServer, postForStream } from './request.ts'

/** A line that is longer belongs to no chunk of text. */
const LINE_CHARACTERS_MAX = 256 * KIB
/** More is not an answer to read: the loop of a model that does not come to its end. */
const ANSWER_CHARACTERS_MAX = 200 * KIB

/** What one event says. */
interface Chunk {
  text: string
  /** Words that the model says to itself: not shown, but a sign of life. */
  isThinking: boolean
  finishReason: string | undefined
}

export async function* completeChat(
  server: ModelServer,
  messages: readonly ChatMessage[],
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  await using stream = await postForStream(server, '/chat/completions', requestOf(server, messages), signal)
  const events = readEvents()
  const whole = wholeCharacters()
  let characters = 0
  let finishReason: string | undefined

  for await (const piece of stream.text()) {
    for (const data of events.feed(piece)) {
      if (data === '[DONE]') return assertComplete(server, finishReason ?? 'stop', characters)
      const chunk = readChunk(server, data)
      finishReason = chunk.finishReason ?? finishReason
      if (chunk.text !== '' || chunk.isThinking) stream.sawToken()
      const text = whole.add(chunk.text)
      if (text === '') continue
      characters += text.length
      if (characters > ANSWER_CHARACTERS_MAX) throw broken(server, 'did not come to an end')
      yield text
    }
  }
  if (finishReason === undefined) throw broken(server, 'broke off in the middle of its answer')
  assertComplete(server, finishReason, characters)
}

function requestOf({ model, temperature }: ModelServer, messages: readonly ChatMessage[]): Record<string, unknown> {
  return { model, messages, stream: true, ...(temperature === undefined ? {} : { temperature }) }
}

/** Events out of pieces of text, wherever the pieces were cut. */
function readEvents(): { feed(piece: string): string[] } {
  let waiting: string[] = []
  const parser = createParser({
    maxBufferSize: LINE_CHARACTERS_MAX,
    onEvent: ({ data }: EventSourceMessage) => void waiting.push(data),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') {
        throw new KnowBotError('model_broken', 'The model server sent a line without an end.')
      }
    },
  })
  return {
    feed(piece) {
      parser.feed(piece)
      const events = waiting
      waiting = []
      return events
    },
  }
}

/** A character that was cut into two chunks (an emoji is two UTF-16 units) comes whole; what is half or NUL does not come. */
function wholeCharacters(): { add(text: string): string } {
  let half = ''
  return {
    add(text) {
      const all = half + text
      half = /[\ud800-\udbff]$/.exec(all)?.[0] ?? ''
      return all
        .slice(0, all.length - half.length)
        .replaceAll('\0', '')
        .toWellFormed()
    },
  }
}

function readChunk(server: ModelServer, data: string): Chunk {
  const json = parseObject(data)
  if (!json) throw broken(server, 'sent an event that is not JSON')
  if (json['error']) throw explainStreamError(server, json['error'])
  const choice = objectAt(arrayOf(json['choices']), 0)
  const delta = objectOf(choice?.['delta'])
  return {
    text: textOf(delta?.['content']),
    // Named `reasoning_content` by DeepSeek and vLLM, `reasoning` by Groq, Ollama and OpenRouter.
    isThinking: textOf(delta?.['reasoning_content']) !== '' || textOf(delta?.['reasoning']) !== '',
    finishReason: textOf(choice?.['finish_reason']) || undefined,
  }
}

/** An answer that was cut is not passed off as a whole one: what was written stays, and the reader is told. */
function assertComplete(server: ModelServer, finishReason: string, characters: number): void {
  if (finishReason === 'length') throw broken(server, 'reached its length limit before the end of its answer')
  if (finishReason === 'content_filter') {
    throw new KnowBotError('model_refused', `The model ${server.model} stopped: its provider's content filter.`)
  }
  if (characters === 0) throw broken(server, 'answered without a word')
}

function broken({ model }: ModelServer, what: string): KnowBotError {
  return new KnowBotError('model_broken', `The model ${model} ${what}.`)
}

type Json = Record<string, unknown>

function parseObject(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined // Not JSON: the caller says so.
  }
}

function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function objectAt(values: readonly unknown[], index: number): Json | undefined {
  return objectOf(values[index])
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
