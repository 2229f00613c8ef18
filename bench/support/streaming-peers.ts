/**
 * Both ends of answers that are being written, in a process of its own: the model server, and the readers. Over bare sockets, for
 * twenty thousand tokens a second have to leave here and to arrive here on one processor.
 *
 * Says `{modelUrl}` when it listens. Then by IPC, as often as wanted: `{ask}` asks once in each of the chats and answers `{open}` when
 * all of them are being written; `{write}` goes on for so many seconds, lets every answer come to its end, and answers a `Heard`.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export type Order = { ask: { url: string; key: string; chats: string[] } } | { write: number }

export interface Heard {
  /** Between two arrivals of text at one reader while all answers were open, in ms, sorted. */
  gaps: number[]
  /** Words that were sent and did not come. */
  lost: number
  /** Words that came twice or out of turn. */
  wrong: number
  /** Readers whose stream ended without its last event. */
  broken: number
  /** How late the model server was with a word, at most, in ms. */
  lateMs: number
}

const TOKEN_EVERY_MS = 50
/** Not all in one moment: so many groups take turns. */
const PHASES = 25
const PHASE_MS = TOKEN_EVERY_MS / PHASES
/** So many questions are on their way at once: those of people do not come in one moment either. */
const ASKING_MAX = 20
const QUESTION = 'How many seats does the reading room have?'
const DELTA = 'data: {"text":"'

/* The model server. */

interface Writing {
  socket: Socket
  sent: number
}

const phases: Set<Writing>[] = Array.from({ length: PHASES }, () => new Set())
let begun = 0
let sent = 0
let isEnding = false
let lateMs = 0

const model = createServer({ noDelay: true }, (socket) => {
  let request = ''
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes) => {
    request += bytes.toString('latin1')
    const headEnd = request.indexOf('\r\n\r\n')
    const length = Number(/content-length: (\d+)/i.exec(request)?.[1])
    if (headEnd < 0 || request.length < headEnd + 4 + length) return
    request = ''
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
    const writing: Writing = { socket, sent: 0 }
    const phase = phases[begun++ % PHASES]!
    phase.add(writing)
    socket.on('close', () => phase.delete(writing))
  })
})

function chunk(delta: unknown, reason: string | null): string {
  const choice = { index: 0, delta, finish_reason: reason }
  const event = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'bench', choices: [choice] }
  return frame(`data: ${JSON.stringify(event)}\n\n`)
}

function frame(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}

const END = `${chunk({}, 'stop')}${frame('data: [DONE]\n\n')}0\r\n\r\n`
const words: string[] = []

const startedAt = performance.now()
let ticks = 0
setInterval(() => {
  const due = Math.floor((performance.now() - startedAt) / PHASE_MS)
  lateMs = Math.max(lateMs, (due - ticks) * PHASE_MS)
  for (; ticks < due; ticks++) writePhase(phases[ticks % PHASES]!)
}, PHASE_MS)

function writePhase(phase: Set<Writing>): void {
  for (const writing of phase) {
    if (isEnding) {
      writing.socket.write(END, 'latin1')
      phase.delete(writing)
      continue
    }
    const n = writing.sent++
    words[n] ??= chunk({ content: ` word${n}` }, null)
    writing.socket.write(words[n], 'latin1')
    sent++
  }
}

/* The readers. */

let heard: Heard = nothingHeard()
let received = 0
let isMeasuring = false
let allEnded: Promise<void> = Promise.resolve()

function nothingHeard(): Heard {
  return { gaps: [], lost: 0, wrong: 0, broken: 0, lateMs: 0 }
}

interface Moments {
  first(): void
  end(): void
}

/** One question, and its answer to the end. */
function ask(url: URL, key: string, chat: string, moments: Moments): void {
  const body = JSON.stringify({ content: QUESTION })
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  socket.write(
    `POST /api/chats/${chat}/messages HTTP/1.1\r\nhost: ${url.host}\r\nauthorization: Bearer ${key}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  let rest = ''
  let next = 0
  let lastAt = 0
  let isWhole = false
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    if (!isWhole) heard.broken++
    moments.end()
  })
  socket.on('data', (bytes) => {
    const text = rest + bytes.toString('latin1')
    const end = text.lastIndexOf('\n\n') + 1
    rest = text.slice(end)
    const events = text.slice(0, end)
    const before = next
    for (let at = events.indexOf(DELTA); at >= 0; at = events.indexOf(DELTA, at + DELTA.length)) {
      const delta = events.slice(at + DELTA.length, events.indexOf('"', at + DELTA.length))
      for (const word of delta.split(' word').slice(1)) {
        if (Number(word) !== next) heard.wrong++
        next = Number(word) + 1
        received++
      }
    }
    if (next > before) {
      const now = performance.now()
      if (lastAt === 0) moments.first()
      else if (isMeasuring) heard.gaps.push(now - lastAt)
      lastAt = now
    }
    if (!events.includes('event: answer-end')) return
    isWhole = true
    socket.destroy()
  })
}

function askAll(url: URL, key: string, chats: readonly string[]): void {
  const { promise, resolve } = Promise.withResolvers<void>()
  allEnded = promise
  let [asked, open, ended] = [0, 0, 0]
  const askNext = () => {
    const chat = chats[asked++]
    if (chat !== undefined) ask(url, key, chat, { first, end })
  }
  const first = () => {
    if (++open === chats.length) process.send!({ open })
    askNext()
  }
  const end = () => {
    if (++ended === chats.length) resolve()
  }
  while (asked < ASKING_MAX) askNext()
}

async function write(seconds: number): Promise<void> {
  lateMs = 0
  isMeasuring = true
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  isMeasuring = false
  heard.lateMs = lateMs
  isEnding = true
  await allEnded
  isEnding = false
  process.send!({ ...heard, lost: sent - received, gaps: heard.gaps.sort((a, b) => a - b) })
  heard = nothingHeard()
  sent = 0
  received = 0
}

process.on('message', (order: Order) => {
  if ('ask' in order) askAll(new URL(order.ask.url), order.ask.key, order.ask.chats)
  else void write(order.write)
})
process.on('disconnect', () => process.exit())
model.listen(0, '127.0.0.1', 4096, () =>
  process.send!({ modelUrl: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1` }),
)
