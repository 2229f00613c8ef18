/** One request to a model server, and its answer as text, whatever the format. */
import { StringDecoder } from 'node:string_decoder'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import type { ChatMessage } from '../inference.ts'
import { KIB } from '../lib/units.ts'
import { explainStreamError } from './explain.ts'
import { parseObject } from './json.ts'
import { ModelError } from './model-error.ts'
import type { Pace, PacedText } from './pace.ts'
import { type ModelServer, postForStream, type StreamReader } from './request.ts'
import type { Chunk, StopReason, Usage } from './wire-format.ts'

const [LF, CR] = [0x0a, 0x0d]
/** A line that is longer belongs to no chunk of text. */
const LINE_CHARACTERS_MAX = 256 * KIB
/** More is not an answer to read: the loop of a model that does not come to its end. */
const ANSWER_CHARACTERS_MAX = 200 * KIB

export interface Attempt {
  /** To the first token of this attempt. */
  firstTokenMs: number
  onFirstToken(): void
  /** Of all answers of the model. */
  pace: Pace
}

/** Tells the text as it comes, and what it has cost at the end. */
export async function streamAnswer(
  server: ModelServer,
  messages: () => readonly ChatMessage[],
  attempt: Attempt,
  tell: (text: string) => void,
  signal: AbortSignal,
): Promise<Usage | undefined> {
  const words = attempt.pace.begin(tell)
  const reader = new AnswerReader(server, attempt.onFirstToken, words)
  try {
    await ask(server, messages, { firstTokenMs: attempt.firstTokenMs, reader }, signal)
  } finally {
    words.end()
  }
  return reader.end()
}

/** Not within the asynchronous function, which would hold the text of the question until the end of the answer. */
function ask(
  server: ModelServer,
  messages: () => readonly ChatMessage[],
  reading: Parameters<typeof postForStream>[2],
  signal: AbortSignal,
): Promise<void> {
  return postForStream(server, bodyOf(server, messages()), reading, signal)
}

function bodyOf(server: ModelServer, messages: readonly ChatMessage[]): string {
  return JSON.stringify({
    ...{ model: server.model, stream: true },
    ...server.parameters,
    ...server.format.body(messages),
  })
}

class AnswerReader implements StreamReader {
  readonly #server: ModelServer
  readonly #onFirstToken: () => void
  readonly #words: PacedText
  readonly #events: EventReader
  readonly #whole = wholeCharacters()
  readonly #usage: Partial<Usage> = {}
  #characters = 0
  #stop: StopReason | undefined

  constructor(server: ModelServer, onFirstToken: () => void, words: PacedText) {
    this.#server = server
    this.#onFirstToken = onFirstToken
    this.#words = words
    this.#events = new EventReader(server)
  }

  read(bytes: Buffer): 'token' | 'nothing' | 'end' {
    let isToken = false
    for (const data of this.#events.read(bytes)) {
      const chunk = data === '[DONE]' ? END : readChunk(this.#server, data)
      if (chunk.usage) Object.assign(this.#usage, chunk.usage)
      this.#stop = chunk.stop ?? this.#stop
      if (chunk.isEnd) {
        this.#stop ??= 'complete'
        return 'end'
      }
      if (chunk.text || chunk.isThinking) {
        isToken = true
        this.#onFirstToken()
      }
      if (chunk.text) this.#take(chunk.text)
    }
    return isToken ? 'token' : 'nothing'
  }

  #take(chunk: string): void {
    const text = this.#whole.add(chunk)
    if (text === '') return
    this.#characters += text.length
    if (this.#characters > ANSWER_CHARACTERS_MAX) throw broken(this.#server, 'did not come to an end', 'answer')
    this.#words.add(text)
  }

  /** Throws where the answer is not whole. */
  end(): Usage | undefined {
    if (this.#stop === undefined) throw broken(this.#server, 'broke off in the middle of its answer', 'lasting')
    assertComplete(this.#server, this.#stop, this.#characters)
    return isWhole(this.#usage) ? this.#usage : undefined
  }
}

const END: Chunk = { isEnd: true }

function readChunk(server: ModelServer, data: string) {
  const event = parseObject(data)
  if (!event) throw broken(server, 'sent an event that is not JSON', 'lasting')
  const chunk = server.format.read(event)
  if (chunk.error) throw explainStreamError(server, chunk.error)
  return chunk
}

/**
 * Events out of bytes, wherever those were cut. As a rule they are cut between events: then nothing is held from one to the next, for
 * a parser and a decoder are 1.4 kB for each answer that is being written.
 */
class EventReader {
  readonly #server: ModelServer
  /** Of an event that is not whole yet, and of the first bytes, which may begin with a byte order mark. */
  #own: { decoder: StringDecoder; parser: EventParser } | undefined

  constructor(server: ModelServer) {
    this.#server = server
    this.#own = this.#begin()
  }

  read(bytes: Buffer): readonly string[] {
    const isWhole = endsEvent(bytes)
    if (!this.#own && isWhole) return WHOLE_EVENTS.feed(bytes.toString())
    this.#own ??= this.#begin()
    const { decoder, parser } = this.#own
    if (isWhole) this.#own = undefined
    return parser.feed(decoder.write(bytes))
  }

  #begin(): { decoder: StringDecoder; parser: EventParser } {
    const tooLong = () => broken(this.#server, 'sent a line without an end', 'lasting')
    return { decoder: new StringDecoder('utf8'), parser: parseEvents(tooLong) }
  }
}

interface EventParser {
  feed(text: string): readonly string[]
}

function parseEvents(tooLong: () => Error): EventParser {
  let waiting: string[] = []
  const parser = createParser({
    maxBufferSize: LINE_CHARACTERS_MAX,
    onEvent: ({ data }: EventSourceMessage) => void waiting.push(data),
    onError(error) {
      if (error.type === 'max-buffer-size-exceeded') throw tooLong()
    },
  })
  return {
    feed(text) {
      parser.feed(text)
      const events = waiting
      waiting = []
      return events
    },
  }
}

/** Of all answers: behind a whole event it has nothing left to remember. */
const WHOLE_EVENTS = parseEvents(() => new Error('A whole event has no line without an end.'))

/** An empty line ends an event. */
function endsEvent(bytes: Buffer): boolean {
  const last = bytes.length - 1
  return bytes[last] === LF && (bytes[last - 1] === LF || (bytes[last - 1] === CR && bytes[last - 2] === LF))
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
