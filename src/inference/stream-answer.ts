/** One request to a model server, and its answer as text, whatever the format. */
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { ChatMessage } from '../inference.ts'
import { KIB } from '../lib/units.ts'
import { explainStreamError } from './explain.ts'
import { parseObject } from './json.ts'
import { ModelError } from './model-error.ts'
import { type ModelServer, postForStream } from './request.ts'
import type { StopReason, Usage } from './wire-format.ts'

/** A line that is longer belongs to no chunk of text. */
const LINE_CHARACTERS_MAX = 256 * KIB
/** More is not an answer to read: the loop of a model that does not come to its end. */
const ANSWER_CHARACTERS_MAX = 200 * KIB

export interface Attempt {
  /** To the first token of this attempt. */
  firstTokenMs: number
  onFirstToken(): void
}

export async function* streamAnswer(
  server: ModelServer,
  messages: readonly ChatMessage[],
  { firstTokenMs, onFirstToken }: Attempt,
  signal: AbortSignal,
): AsyncGenerator<string, Usage | undefined, undefined> {
  const body = { model: server.model, stream: true, ...server.parameters, ...server.format.body(messages) }
  await using stream = await postForStream(server, { body, firstTokenMs }, signal)
  const events = readEvents(server)
  const whole = wholeCharacters()
  let characters = 0
  let stop: StopReason | undefined
  const usage: Partial<Usage> = {}

  reading: for await (const piece of stream.text()) {
    for (const data of events.feed(piece)) {
      const chunk = data === '[DONE]' ? { isEnd: true } : readChunk(server, data)
      Object.assign(usage, chunk.usage)
      stop = chunk.stop ?? stop
      if (chunk.isEnd) {
        stop ??= 'complete'
        break reading
      }
      if (chunk.text || chunk.isThinking) {
        stream.sawToken()
        onFirstToken()
      }
      const text = whole.add(chunk.text ?? '')
      if (text === '') continue
      characters += text.length
      if (characters > ANSWER_CHARACTERS_MAX) throw broken(server, 'did not come to an end', 'answer')
      yield text
    }
  }
  if (stop === undefined) throw broken(server, 'broke off in the middle of its answer', 'lasting')
  assertComplete(server, stop, characters)
  return isWhole(usage) ? usage : undefined
}

function readChunk(server: ModelServer, data: string) {
  const event = parseObject(data)
  if (!event) throw broken(server, 'sent an event that is not JSON', 'lasting')
  const chunk = server.format.read(event)
  if (chunk.error) throw explainStreamError(server, chunk.error)
  return chunk
}

/** Events out of pieces of text, wherever the pieces were cut. */
function readEvents(server: ModelServer): { feed(piece: string): string[] } {
  let waiting: string[] = []
  const parser = createParser({
    maxBufferSize: LINE_CHARACTERS_MAX,
    onEvent: ({ data }: EventSourceMessage) => void waiting.push(data),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw broken(server, 'sent a line without an end', 'lasting')
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

/** An answer that was cut is not passed off as a whole one: what was written stays, and the reader is told. */
function assertComplete(server: ModelServer, stop: StopReason, characters: number): void {
  if (stop === 'length') throw broken(server, 'reached its length limit before the end of its answer', 'answer')
  if (stop === 'refusal') {
    throw new ModelError('model_refused', 'answer', `The model ${server.model} stopped: its provider's content filter.`)
  }
  if (characters === 0) throw broken(server, 'answered without a word', 'answer')
}

function broken({ model }: ModelServer, what: string, about: 'lasting' | 'answer'): ModelError {
  return new ModelError('model_broken', about, `The model ${model} ${what}.`)
}

function isWhole(usage: Partial<Usage>): usage is Usage {
  return usage.inputTokens !== undefined && usage.outputTokens !== undefined
}
