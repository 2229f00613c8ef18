/**
 * A Request whose parts are made when they are asked for. Most handlers look at method, path and a header or two, and the
 * platform's own Request costs more to make than the rest of the bridge. It passes for a Request wherever one is looked at;
 * where one is copied (`new Request(request)`, `fetch(request)`), it is made whole first.
 */
import { nativeFetch } from './native-fetch.ts'

/** It knows streams of the platform as well, which its types do not say. */
const { isDisturbed } = process.getBuiltinModule('node:stream').Readable as unknown as {
  isDisturbed(stream: ReadableStream): boolean
}

export interface RequestParts {
  method: string
  url: string
  headers(): Headers
  signal(): AbortSignal
  /** Called at most once; null when there is none. */
  body(): ReadableStream<Uint8Array> | null
}

class LazyRequest {
  readonly #parts: RequestParts
  #headers: Headers | undefined
  #body: ReadableStream<Uint8Array> | null | undefined
  #whole: Request | undefined

  constructor(parts: RequestParts) {
    this.#parts = parts
  }

  get method(): string {
    return this.#parts.method
  }

  get url(): string {
    return this.#parts.url
  }

  get headers(): Headers {
    if (this.#whole) return this.#whole.headers
    this.#headers ??= this.#parts.headers()
    return this.#headers
  }

  get signal(): AbortSignal {
    return this.#whole?.signal ?? this.#parts.signal()
  }

  /** Read without the whole being made: what comes by streams, uploads most of all, needs nothing else. */
  get body(): ReadableStream<Uint8Array> | null {
    if (this.#whole?.body) return this.#whole.body as ReadableStream<Uint8Array>
    if (this.#body === undefined) this.#body = this.#parts.body()
    return this.#body
  }

  get bodyUsed(): boolean {
    if (this.#whole?.body) return this.#whole.bodyUsed
    return this.#body ? isDisturbed(this.#body) : false
  }

  get [Symbol.toStringTag](): string {
    return 'Request'
  }

  /** Somebody reads the body by hand: what would read it once more is refused, as the standard has it. */
  get isTaken(): boolean {
    return !this.#whole?.body && !!this.#body && isUsed(this.#body)
  }

  /** The platform's own. */
  whole(): Request {
    if (this.#whole) return this.#whole
    const { method, url } = this.#parts
    const stream = this.body
    const init: RequestInit & { duplex?: 'half' } = { method, headers: this.headers, signal: this.#parts.signal() }
    // What somebody reads already cannot be given away.
    if (stream && !isUsed(stream)) Object.assign(init, { body: stream, duplex: 'half' })
    this.#whole = new (nativeFetch().Request)(url, init)
    return this.#whole
  }
}

/** Everything else is what the whole says. */
const READ = [
  'cache',
  'credentials',
  'destination',
  'duplex',
  'integrity',
  'keepalive',
  'mode',
  'redirect',
  'referrer',
  'referrerPolicy',
] as const
const CALLED = ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text'] as const

for (const name of READ) {
  Object.defineProperty(LazyRequest.prototype, name, {
    get(this: LazyRequest) {
      return this.whole()[name as 'cache']
    },
  })
}
for (const name of CALLED) {
  Object.defineProperty(LazyRequest.prototype, name, {
    value(this: LazyRequest) {
      if (!this.isTaken) return this.whole()[name as 'text']()
      const error = new TypeError('Body is unusable: it is being read, or has been.')
      if (name === 'clone') throw error
      return Promise.reject(error)
    },
  })
}

function isUsed(stream: ReadableStream): boolean {
  return stream.locked || isDisturbed(stream)
}

export function makeRequest(parts: RequestParts): Request {
  return new LazyRequest(parts) as unknown as Request
}

/** So that code of the application that copies, sends on or tests a request meets a whole one. Once per process. */
export function installRequest(): void {
  const { Request: NativeRequest, fetch: send } = nativeFetch()
  const whole = <T>(input: T): T | Request => (input instanceof LazyRequest ? input.whole() : input)
  class Request extends NativeRequest {
    constructor(input: string | URL | globalThis.Request, init?: RequestInit) {
      super(whole(input), init)
    }

    static override [Symbol.hasInstance](value: unknown): boolean {
      return value instanceof LazyRequest || value instanceof NativeRequest
    }
  }
  globalThis.Request = Request
  globalThis.fetch = (input, init) => send(whole(input), init)
}
