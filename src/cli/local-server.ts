/**
 * The server of a data folder as the shell sees it: HTTP over the socket that only this user may open, as the principal
 * `local`. Where no server runs on the folder, the same supervisor is started here without any network address, and stopped
 * again at the end.
 */
import type { ClientRequest, IncomingMessage, OutgoingHttpHeaders } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { type Config, meetingPoints } from '../config.ts'
import { isErrorCode, KnowBotError } from '../errors.ts'
import type { Supervisor } from '../runtime.ts'
import { isFolderInUse, startSupervisor } from './supervisor.ts'

const http = process.getBuiltinModule('node:http')

export interface ServerEvent {
  name: string
  data: unknown
}

export interface LocalServer extends AsyncDisposable {
  /** The JSON that the route answers; a problem becomes the error it describes. */
  call<T>(method: string, path: string, body?: unknown): Promise<T>
  /** Sends a body that is made while it is sent. */
  send<T>(method: string, path: string, headers: OutgoingHttpHeaders, body: AsyncIterable<Uint8Array>): Promise<T>
  /** The events of a stream until it ends or the signal aborts. Resolves once the stream is open. */
  events(path: string, signal: AbortSignal): Promise<AsyncIterable<ServerEvent>>
}

// A server that is just starting has the lock before it has the socket.
const START_WAIT_MS_MAX = 15_000

/** Connects to the server of the configured data folder, or starts one for the time of this command. */
export async function openLocalServer(config: Config): Promise<LocalServer> {
  const { localSocket } = meetingPoints(config.data)
  if (await answers(localSocket)) return new SocketServer(localSocket, undefined)
  const supervisor = await startOrWait(config, localSocket)
  if (supervisor) await readyOrGone(supervisor)
  return new SocketServer(localSocket, supervisor)
}

async function readyOrGone({ ready, stopped }: Supervisor): Promise<void> {
  const isReady = await Promise.race([ready.then(() => true), stopped.then(() => false)])
  if (!isReady)
    throw new KnowBotError('unavailable', 'The server of the data folder did not start; what it said is above.')
}

async function startOrWait(config: Config, localSocket: string): Promise<Supervisor | undefined> {
  const deadline = Date.now() + START_WAIT_MS_MAX
  for (;;) {
    try {
      // Trying again and again is for servers: whoever calls a command waits for it to end.
      return await startSupervisor(
        { ...config, application: undefined, logLevel: 'error', failsFast: true },
        { addresses: [] },
      )
    } catch (error) {
      if (!isFolderInUse(error) || Date.now() > deadline) throw error
      await sleep(100)
      if (await answers(localSocket)) return undefined
    }
  }
}

class SocketServer implements LocalServer {
  readonly #socketPath: string
  readonly #supervisor: Supervisor | undefined

  constructor(socketPath: string, supervisor: Supervisor | undefined) {
    this.#socketPath = socketPath
    this.#supervisor = supervisor
  }

  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#exchange(method, path, { accept: 'application/json' }, body)
    return readJson<T>(response)
  }

  async send<T>(
    method: string,
    path: string,
    headers: OutgoingHttpHeaders,
    body: AsyncIterable<Uint8Array>,
  ): Promise<T> {
    const request = this.#open(method, path, headers)
    const answered = responseTo(request)
    // The server may answer, and stop reading, before everything is sent: then its answer counts, not the broken pipe.
    const sent = pump(body, request).catch(() => undefined)
    const response = await answered
    const value = await readJson<T>(response)
    await sent
    return value
  }

  async events(path: string, signal: AbortSignal): Promise<AsyncIterable<ServerEvent>> {
    const response = await this.#exchange('GET', path, { accept: 'text/event-stream' }, undefined)
    if (response.statusCode !== 200) await readJson(response)
    signal.addEventListener('abort', () => response.destroy(), { once: true })
    return readEvents(response, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#supervisor?.stop()
  }

  #exchange(method: string, path: string, headers: OutgoingHttpHeaders, body: unknown): Promise<IncomingMessage> {
    const text = body === undefined ? undefined : JSON.stringify(body)
    const request = this.#open(
      method,
      path,
      text === undefined ? headers : { ...headers, 'content-type': 'application/json' },
    )
    const answered = responseTo(request)
    request.end(text)
    return answered
  }

  #open(method: string, path: string, headers: OutgoingHttpHeaders): ClientRequest {
    return http.request({
      socketPath: this.#socketPath,
      method,
      path,
      headers: { host: 'localhost', ...headers },
      agent: false,
    })
  }
}

async function* readEvents(response: IncomingMessage, signal: AbortSignal): AsyncGenerator<ServerEvent> {
  const found: ServerEvent[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => found.push({ name: event ?? 'message', data: JSON.parse(data) }),
  })
  response.setEncoding('utf8')
  try {
    for await (const text of response) {
      parser.feed(text as string)
      yield* found.splice(0)
    }
  } catch (error) {
    // Destroying the answer is how reading it is ended.
    if (!signal.aborted) throw error
  }
}

function responseTo(request: ClientRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
  request.once('response', resolve)
  request.on('error', (cause) =>
    reject(new KnowBotError('unavailable', 'The server of the data folder does not answer.', { cause })),
  )
  return promise
}

async function pump(body: AsyncIterable<Uint8Array>, request: ClientRequest): Promise<void> {
  for await (const chunk of body) {
    if (request.destroyed) return
    if (!request.write(chunk)) await new Promise((resolve) => request.once('drain', resolve).once('close', resolve))
  }
  request.end()
}

async function readJson<T>(response: IncomingMessage): Promise<T> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString('utf8')
  if (response.statusCode! < 300) return (text === '' ? undefined : JSON.parse(text)) as T
  throw problemOf(text, response.statusCode!)
}

function problemOf(text: string, status: number): KnowBotError {
  try {
    const { code, detail, title } = JSON.parse(text)
    if (isErrorCode(code)) return new KnowBotError(code, detail ?? title)
  } catch {
    // No problem object, so somebody else answers on this socket; the status is all there is to say.
  }
  return new KnowBotError('unavailable', `The server of the data folder answered with status ${status}.`)
}

/** Whether somebody accepts connections there. */
function answers(socketPath: string): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const request = http.request({
    socketPath,
    path: '/api/health',
    headers: { host: 'localhost' },
    agent: false,
    timeout: 5000,
  })
  request.once('response', (response) => {
    response.resume()
    resolve(response.statusCode === 200)
  })
  request.once('timeout', () => request.destroy())
  request.once('error', () => resolve(false))
  request.end()
  return promise
}
