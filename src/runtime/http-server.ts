/** node:http in front of an application's `fetch`: connections and their end, admission, and what is told about each request. */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Application, RequestInfo, WorkerLimits } from '../runtime.ts'
import type { AccessLog } from './access-log.ts'
import { admit, type Refusal } from './admission.ts'
import { hasBody, toRequest } from './fetch-request.ts'
import { answer, answerAtOnce, answerProblem, describeError } from './fetch-response.ts'
import { openForwarding } from './forwarding.ts'
import { installRequest } from './lazy-request.ts'
import { installResponse } from './lazy-response.ts'
import { acceptThroughProxy } from './proxy-protocol.ts'
import type { Counts } from './pulse.ts'

// As an ES module node:http costs every process 6.5 MB more than this way of getting it (Node 24.21).
const http = process.getBuiltinModule('node:http')

export interface HttpServerOptions {
  application: Pick<Application, 'fetch' | 'classify'>
  /** One per descriptor, from fd 3 on. */
  labels: readonly string[]
  limits: WorkerLimits
  accessLog?: AccessLog | undefined
  /** A request has begun: the how-manieth. */
  onRequest?(count: number): void
}

/** What is not so with most requests. */
interface Particulars {
  expectsContinue?: boolean
  upgrade?: RequestInfo['upgrade']
}

const NOTHING_PARTICULAR: Particulars = {}
const FIRST_DESCRIPTOR = 3
/** Clients send the next request on an idle connection without asking: it is kept until they have learnt that it will close. */
const LAME_DUCK_MS = 1500
const DRAIN_CHECK_MS = 50
const IN_FLIGHT_TOLD_MAX = 5

/** The answer that is being made, for an exception that nobody caught. */
const current = new AsyncLocalStorage<ServerResponse>()

/** Listens on all descriptors. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = new HttpServer(options)
  await server.listen()
  return server
}

export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #servers: { http: Server; listener: NetServer }[]
  readonly #connections = new Set<Socket>()
  readonly #open = new Set<ServerResponse>()
  readonly #counts = { requests: 0, answers: [0, 0, 0, 0, 0], refused: 0, seconds: 0 }
  readonly #peerOf: ReturnType<typeof openForwarding>
  #draining = false

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#peerOf = openForwarding(options.limits.trustedProxies)
    this.#servers = options.labels.map((label) => this.#createServer(label))
  }

  get counts(): Counts {
    const oldest = [...this.#open].slice(0, IN_FLIGHT_TOLD_MAX)
    return {
      ...this.#counts,
      open: this.#open.size,
      connections: this.#connections.size,
      inFlight: oldest.map(({ req }) => `${req.method} ${pathOf(req)}`),
    }
  }

  async listen(): Promise<void> {
    const { backlog } = this.#options.limits
    await Promise.all(
      this.#servers.map(({ listener }, index) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        listener.once('error', reject)
        listener.listen({ fd: FIRST_DESCRIPTOR + index, backlog }, resolve)
        return promise
      }),
    )
  }

  /** Stops accepting, ends what is open, closes what is idle. Resolves when no connection is left or the time is over. */
  async drain(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    const closeIdleAt = performance.now() + Math.min(LAME_DUCK_MS, timeoutMs)
    this.#draining = true
    // The listener alone: `server.close()` of HTTP would also close idle connections, under the feet of requests on their way.
    for (const { listener } of this.#servers) NetServer.prototype.close.call(listener)
    while (this.#connections.size > 0 && performance.now() < deadline) {
      if (performance.now() >= closeIdleAt) this.#closeIdle()
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS))
    }
    for (const socket of this.#connections) socket.destroy()
  }

  #closeIdle(): void {
    for (const { http } of this.#servers) http.closeIdleConnections()
    // node:http counts a connection that has never said a word as busy.
    for (const socket of this.#connections) if (socket.bytesRead === 0) socket.destroy()
  }

  /** An exception that nobody caught, told to the client whose request it came from. */
  blame(error: unknown): void {
    const culprit = current.getStore()
    if (culprit && !culprit.writableEnded) void answerProblem(culprit.req, culprit, describeError(error))
  }

  #createServer(label: string): { http: Server; listener: NetServer } {
    const { limits } = this.#options
    const server = http.createServer({
      keepAliveTimeout: limits.keepAliveMs,
      headersTimeout: limits.headersTimeoutMs,
      // A large upload on a slow line may take long; silence is what ends it.
      requestTimeout: 0,
      connectionsCheckingInterval: 1000,
      maxHeaderSize: limits.headerBytesMax,
      noDelay: true,
      // Anything else that a client would rather speak (h2c) may be ignored, and is (RFC 9110 §7.8).
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    })
    // One more than allowed, so that too many are noticed: node:http leaves out what is beyond.
    server.maxHeadersCount = limits.headerCountMax + 1
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket)
      socket.once('close', () => this.#connections.delete(socket))
    })
    server.on('request', (incoming, outgoing) => this.#serve(label, incoming, outgoing))
    // The client is told to go on when the application first reads; it may refuse by the head alone.
    server.on('checkContinue', (incoming, outgoing) =>
      this.#serve(label, incoming, outgoing, { expectsContinue: true }),
    )
    server.on('upgrade', (incoming, socket, head) => this.#upgrade(label, incoming, socket, head))
    const listener = limits.proxyProtocol === 'off' ? server : acceptThroughProxy(server, limits)
    listener.maxConnections = limits.connectionsMax
    return { http: server, listener }
  }

  #serve(
    label: string,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    { expectsContinue = false, upgrade }: Particulars = NOTHING_PARTICULAR,
  ): void {
    const { application, limits } = this.#options
    const origin = this.#peerOf(incoming)
    const { peer, isTrusted } = origin
    this.#begin(incoming, outgoing, peer)
    const refusal = admit(incoming, { open: this.#open.size, isTrusted, limits, classify: application.classify })
    if (refusal) return void this.#refuse(incoming, outgoing, refusal)
    try {
      const request = toRequest(incoming, outgoing, origin, expectsContinue, limits.bodySilenceMs)
      const info: RequestInfo = upgrade ? { peer, listener: label, upgrade } : { peer, listener: label }
      const response = current.run(outgoing, callFetch, application, request, info)
      // A promise for every answer that is there already would cost more than the rest of the bridge.
      const isAnswered = !this.#draining && !hasBody(incoming) && answerAtOnce(response, incoming, outgoing)
      if (!isAnswered) void this.#answerLater(response, incoming, outgoing)
    } catch (error) {
      void answerProblem(incoming, outgoing, describeError(error))
    }
  }

  async #answerLater(
    response: Response | Promise<Response>,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
  ): Promise<void> {
    try {
      const known = await response
      if (this.#draining && !outgoing.headersSent) outgoing.setHeader('connection', 'close')
      await answer(known, incoming, outgoing)
    } catch (error) {
      await answerProblem(incoming, outgoing, describeError(error))
    }
  }

  #begin(incoming: IncomingMessage, outgoing: ServerResponse, peer: RequestInfo['peer']): void {
    const startedAt = performance.now()
    if (this.#counts.requests === 0) installFetch()
    this.#counts.requests += 1
    this.#open.add(outgoing)
    this.#options.onRequest?.(this.#counts.requests)
    // Not `once`, whose wrapper costs as much as all of this.
    outgoing.on('close', () => {
      if (!this.#open.delete(outgoing)) return
      const seconds = (performance.now() - startedAt) / 1000
      this.#counts.seconds += seconds
      this.#counts.answers[Math.floor(outgoing.statusCode / 100) - 1]! += 1
      this.#options.accessLog?.write({ incoming, outgoing, peer, seconds })
    })
  }

  #refuse(incoming: IncomingMessage, outgoing: ServerResponse, refusal: Refusal): Promise<void> {
    if (refusal.status === 503) this.#counts.refused += 1
    outgoing.shouldKeepAlive = false
    return answerProblem(incoming, outgoing, refusal)
  }

  #upgrade(label: string, incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    let isTaken = false
    const outgoing = new http.ServerResponse(incoming)
    outgoing.shouldKeepAlive = false
    outgoing.assignSocket(socket as Socket)
    outgoing.once('finish', () => {
      if (!isTaken) socket.end()
    })
    socket.on('error', () => socket.destroy())
    const upgrade = () => {
      isTaken = true
      outgoing.detachSocket(socket as Socket)
      // Nothing of ours is written any more, and the request counts as open until its socket closes.
      socket.once('close', () => outgoing.emit('close'))
      outgoing.destroyed = true
      return { socket, head }
    }
    this.#serve(label, incoming, outgoing, { upgrade })
  }
}

function callFetch(
  application: HttpServerOptions['application'],
  request: Request,
  info: RequestInfo,
): Response | Promise<Response> {
  return application.fetch(request, info)
}

/** With the first request, so that an idle worker stays small. What the application took from the platform before works as well. */
function installFetch(): void {
  installRequest()
  installResponse()
}

/** Without the query: it may hold secrets. */
function pathOf({ url = '' }: IncomingMessage): string {
  return url.split('?', 1)[0]!
}
