/**
 * A Response that remembers what it was made of, so that a text or some bytes go to the socket as they are: through the
 * platform's own Response every answer becomes a stream, which costs more than node:http does for the whole request. It becomes
 * the process's `Response`, passes for one wherever it is looked at, and is made whole when more is asked of it.
 */
import { PacedBody, readableOf } from '../lib/paced-body.ts'
import { nativeFetch } from './native-fetch.ts'

type SimpleBody = string | Uint8Array<ArrayBuffer> | PacedBody | null

export interface SimpleAnswer {
  status: number
  headers: ResponseInit['headers']
  body: SimpleBody
  /** What the body's own type says, where the headers do not. */
  contentType: string | undefined
}

/** What most answers are made with: as one object, it is known at sight. */
export const JSON_HEADERS = Object.freeze({ 'content-type': 'application/json' })
const JSON_INIT: ResponseInit = Object.freeze({ headers: JSON_HEADERS })
const NO_BODY = [101, 204, 205, 304]

class LazyResponse {
  readonly #init: ResponseInit
  #simple: SimpleBody | undefined
  #headers: Headers | undefined
  #whole: Response | undefined

  constructor(body: ConstructorParameters<typeof Response>[0] = null, init: ResponseInit = {}) {
    this.#init = init
    const { status = 200, statusText = '' } = init
    const isPaced = (body as unknown) instanceof PacedBody
    const isSimple = typeof body === 'string' || body === null || body instanceof Uint8Array || isPaced
    const isUsual = Number.isInteger(status) && status >= 200 && status <= 599 && statusText === ''
    if (isSimple && isUsual && !(body !== null && NO_BODY.includes(status)))
      this.#simple = body as unknown as SimpleBody
    else this.#whole = new (nativeFetch().Response)(body, init) // Refuses what is wrong, too.
  }

  get status(): number {
    return this.#whole?.status ?? this.#init.status ?? 200
  }

  get ok(): boolean {
    return this.status >= 200 && this.status <= 299
  }

  get [Symbol.toStringTag](): string {
    return 'Response'
  }

  /** Made when they are asked for, without the rest: whoever adds a header to every answer should not make a stream of each. */
  get headers(): Headers {
    if (!this.#headers) {
      const whole = this.#whole?.headers
      this.#headers = whole ?? new Headers(this.#init.headers)
      const contentType = whole ? undefined : this.#contentType()
      if (contentType !== undefined && !this.#headers.has('content-type'))
        this.#headers.set('content-type', contentType)
    }
    return this.#headers
  }

  #contentType(): string | undefined {
    return typeof this.#simple === 'string' ? 'text/plain;charset=UTF-8' : undefined
  }

  /** Undefined once somebody has looked closer, for he may have changed something. */
  simple(): SimpleAnswer | undefined {
    if (this.#whole || this.#simple === undefined) return undefined
    const headers = this.#headers ?? this.#init.headers
    return { status: this.status, headers, body: this.#simple, contentType: this.#contentType() }
  }

  whole(): Response {
    if (!this.#whole) {
      const body = this.#simple instanceof PacedBody ? readableOf(this.#simple.source) : this.#simple
      const init = this.#headers ? { ...this.#init, headers: this.#headers } : this.#init
      this.#whole = new (nativeFetch().Response)(body ?? null, init)
    }
    return this.#whole
  }

  static json(data: unknown, init?: ResponseInit): Response {
    const text = JSON.stringify(data)
    if (text === undefined) throw new TypeError('The value is not JSON serializable')
    if (init === undefined) return new LazyResponse(text, JSON_INIT) as unknown as Response
    if (init.headers === undefined)
      return new LazyResponse(text, { ...init, headers: JSON_HEADERS }) as unknown as Response
    const headers = new Headers(init.headers)
    if (!headers.has('content-type')) headers.set('content-type', 'application/json')
    return new LazyResponse(text, { ...init, headers }) as unknown as Response
  }

  static error(): Response {
    return nativeFetch().Response.error()
  }

  static redirect(...[url, status]: Parameters<typeof Response.redirect>): Response {
    return nativeFetch().Response.redirect(url, status)
  }

  static [Symbol.hasInstance](value: unknown): boolean {
    return isLazy(value) || value instanceof nativeFetch().Response
  }
}

const READ = ['body', 'bodyUsed', 'redirected', 'statusText', 'type', 'url'] as const
const CALLED = ['arrayBuffer', 'blob', 'bytes', 'clone', 'formData', 'json', 'text'] as const

for (const name of READ) {
  Object.defineProperty(LazyResponse.prototype, name, {
    get(this: LazyResponse) {
      return this.whole()[name as 'body']
    },
  })
}
for (const name of CALLED) {
  Object.defineProperty(LazyResponse.prototype, name, {
    value(this: LazyResponse) {
      return this.whole()[name as 'text']()
    },
  })
}
Object.defineProperty(LazyResponse, 'name', { value: 'Response' })

/** What can be sent without a stream. */
export function simpleAnswerOf(response: Response | Promise<Response>): SimpleAnswer | undefined {
  return isLazy(response) ? response.simple() : undefined
}

function isLazy(response: unknown): response is LazyResponse {
  return typeof response === 'object' && response !== null && Object.getPrototypeOf(response) === LazyResponse.prototype
}

/** Once per process. */
export function installResponse(): void {
  nativeFetch() // Kept before ours takes its place.
  globalThis.Response = LazyResponse as unknown as typeof Response
}
