/** node:http in front of an application's `fetch`: connections, their end, and what is answered when the application cannot. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as NetServer, type Socket } from 'node:net'
import type { RequestInfo, WorkerLimits } from '../runtime.ts'
import { toRequest } from './fetch-request.ts'
import { answer, answerProblem } from './fetch-response.ts'

// As an ES module node:http costs every process 6.5 MB more than this way of getting it (Node 24.21).
const http = process.getBuiltinModule('node:http')

export interface HttpServerOptions {
  fetch(request: Request, info: RequestInfo): Response | Promise<Response>
  /** One per descriptor, from fd 3 on. */
  labels: readonly string[]
  limits: WorkerLimits
}

export interface HttpServer {
  readonly openRequests: number
  readonly openConnections: number
  readonly requests: number
  /** Stops accepting, ends what is open, closes what is idle. Resolves when no connection is left or the time is over. */
  drain(timeoutMs: number): Promise<void>
}

const FIRST_DESCRIPTOR = 3
/** Clients send the next request on an idle connection without asking: it is kept until they have learnt that it will close. */
const LAME_DUCK_MS = 1500
const DRAIN_CHECK_MS = 50

/** Listens on all descriptors. */
export async function openHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = new FetchServer(options)
  await server.listen()
  return server
}

class FetchServer implements HttpServer {
  readonly #options: HttpServerOptions
  readonly #servers: Server[]
  readonly #connections = new Set<Socket>()
  #draining = false
  openRequests = 0
  requests = 0

  constructor(options: HttpServerOptions) {
    this.#options = options
    this.#servers = options.labels.map((label) => this.#createServer(label))
  }

  get openConnections(): number {
    return this.#connections.size
  }

  async listen(): Promise<void> {
    const { backlog } = this.#options.limits
    await Promise.all(
      this.#servers.map((server, index) => {
        const { promise, resolve, reject } = Promise.withResolvers<void>()
        server.once('error', reject)
        server.listen({ fd: FIRST_DESCRIPTOR + index, backlog }, resolve)
        return promise
      }),
    )
  }

  async drain(timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs
    const closeIdleAt = performance.now() + Math.min(LAME_DUCK_MS, timeoutMs)
    this.#draining = true
    // The listener alone: `server.close()` would also close idle connections, under the feet of requests on their way.
    for (const server of this.#servers) NetServer.prototype.close.call(server)
    while (this.#connections.size > 0 && performance.now() < deadline) {
      if (performance.now() >= closeIdleAt) for (const server of this.#servers) server.closeIdleConnections()
      await new Promise((resolve) => setTimeout(resolve, DRAIN_CHECK_MS))
    }
    for (const socket of this.#connections) socket.destroy()
  }

  #createServer(label: string): Server {
    const { keepAliveMs, headersTimeoutMs } = this.#options.limits
    const server = http.createServer({
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headersTimeoutMs,
      // A large upload on a slow line may take long; silence is what ends it.
      requestTimeout: 0,
      connectionsCheckingInterval: 1000,
      noDelay: true,
    })
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket)
      socket.once('close', () => this.#connections.delete(socket))
    })
    server.on('request', (incoming, outgoing) => void this.#serve(label, incoming, outgoing))
    // The client is told to go on when the application first reads; it may refuse by the head alone.
    server.on('checkContinue', (incoming, outgoing) => void this.#serve(label, incoming, outgoing, true))
    return server
  }

  async #serve(
    label: string,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    expectsContinue = false,
  ): Promise<void> {
    this.requests += 1
    this.openRequests += 1
    outgoing.once('close', () => {
      this.openRequests -= 1
    })
    if (this.#draining) outgoing.setHeader('connection', 'close')
    try {
      const request = toRequest(incoming, outgoing, { expectsContinue })
      const response = await this.#options.fetch(request, { peer: peerOf(incoming.socket), listener: label })
      if (this.#draining && !outgoing.headersSent) outgoing.setHeader('connection', 'close')
      await answer(response, incoming, outgoing)
    } catch (error) {
      await answerProblem(incoming, outgoing, error)
    }
  }
}

function peerOf({ remoteAddress, remotePort }: Socket): RequestInfo['peer'] {
  return remoteAddress === undefined || remotePort === undefined ? null : { address: remoteAddress, port: remotePort }
}
