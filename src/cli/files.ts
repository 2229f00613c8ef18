/** Files named on the command line: folders are walked, files are sent, and what is read is watched until it is done. */
import { createReadStream } from 'node:fs'
import { open, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { DocumentAnswer } from '../api.ts'
import { KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { LocalServer, ServerEvent } from './local-server.ts'
import { createProgress, type Progress } from './progress.ts'

const FILES_MAX = 100_000
// Folders that hold programs and their parts rather than documents.
const SKIPPED_FOLDERS = new Set(['node_modules', '__pycache__'])

export interface AddedFile {
  path: string
  document?: DocumentAnswer
  error?: KnowBotError
}

/** Sends the files, waits until each is ready or failed, and shows the progress on standard error. */
export async function addFiles(server: LocalServer, paths: readonly string[]): Promise<AddedFile[]> {
  const files = await listFiles(paths)
  using progress = createProgress()
  const watch = new DocumentWatch(server, progress)
  try {
    await watch.open()
    const added: AddedFile[] = []
    for (const [index, path] of files.entries()) {
      progress.show(`sending ${basename(path)}`, index, files.length)
      added.push(await addFile(server, path, watch))
    }
    for (const file of added) if (file.document) file.document = await watch.end(file.document.id)
    return added
  } finally {
    await watch.close()
  }
}

/** What is named as a file is kept whatever it is, so that a refusal is told; in folders only what a name promises to be readable. */
export async function listFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined)
    if (!found) throw new KnowBotError('usage', `There is no file or folder ${path}.`)
    if (found.isDirectory()) await walk(path, files)
    else files.push(path)
  }
  return files
}

async function walk(folder: string, files: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || SKIPPED_FOLDERS.has(entry.name)) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) await walk(path, files)
    else if (entry.isFile() && READABLE.test(entry.name)) files.push(path)
    if (files.length > FILES_MAX)
      throw new KnowBotError('usage', `Expected at most ${FILES_MAX} files, found more. Name smaller folders.`)
  }
}

const READABLE = /\.(txt|text|md|markdown|html?|xhtml|pdf|png|jpe?g|tiff?)$/i

async function addFile(server: LocalServer, path: string, watch: DocumentWatch): Promise<AddedFile> {
  try {
    const document = await upload(server, path)
    watch.note(document)
    return { path, document }
  } catch (error) {
    // One file that is refused must not keep the others from being read.
    if (error instanceof KnowBotError && error.code !== 'unavailable') return { path, error }
    if (isSystemError(error)) return { path, error: unreadable(error) }
    throw error
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}

function unreadable(cause: NodeJS.ErrnoException): KnowBotError {
  return new KnowBotError('document_damaged', `Expected a file that can be read, got ${cause.code ?? cause.message}.`, {
    cause,
  })
}

async function upload(server: LocalServer, path: string): Promise<DocumentAnswer> {
  await using file = await open(path)
  const { size } = await file.stat()
  const boundary = `knowbot-${uuidv7()}`
  // RFC 7578 §4.2: the name as UTF-8, with quotes and line ends percent-encoded as browsers do.
  const name = basename(path).replace(/["\r\n]/g, (character) => encodeURIComponent(character))
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
  )
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`)
  const headers = {
    'content-type': `multipart/form-data; boundary=${boundary}`,
    'content-length': head.length + size + tail.length,
  }
  return server.send<DocumentAnswer>('POST', '/api/documents', headers, multipart(head, path, size, tail))
}

async function* multipart(head: Buffer, path: string, size: number, tail: Buffer): AsyncGenerator<Uint8Array> {
  yield head
  if (size > 0) yield* createReadStream(path, { end: size - 1 })
  yield tail
}

/** Follows the server's events and remembers the last state of each document. */
class DocumentWatch {
  readonly #server: LocalServer
  readonly #progress: Progress
  readonly #closing = new AbortController()
  readonly #documents = new Map<string, DocumentAnswer>()
  readonly #waiting = new Map<string, (document: DocumentAnswer) => void>()
  #following: Promise<void> | undefined

  constructor(server: LocalServer, progress: Progress) {
    this.#server = server
    this.#progress = progress
  }

  async open(): Promise<void> {
    this.#following = this.#follow(await this.#server.events('/api/events', this.#closing.signal))
  }

  note(document: DocumentAnswer): void {
    if (!this.#documents.has(document.id)) this.#documents.set(document.id, document)
  }

  /** The document once it is ready or failed. */
  async end(id: string): Promise<DocumentAnswer> {
    const known = this.#documents.get(id)
    if (known && isDone(known)) return known
    const { promise, resolve } = Promise.withResolvers<DocumentAnswer>()
    this.#waiting.set(id, resolve)
    // It may have ended between its sending and the opening of the events: look once.
    this.#take({ name: 'document', data: await this.#server.call('GET', `/api/documents/${id}`) })
    return Promise.race([promise, this.#lost()])
  }

  async close(): Promise<void> {
    this.#closing.abort()
    await this.#following
  }

  async #follow(events: AsyncIterable<ServerEvent>): Promise<void> {
    for await (const event of events) this.#take(event)
  }

  async #lost(): Promise<never> {
    await this.#following
    throw new KnowBotError(
      'unavailable',
      'The server stopped before everything was read. Call the command again: what was read is kept.',
    )
  }

  #take(event: ServerEvent): void {
    if (event.name !== 'document') return
    const document = event.data as DocumentAnswer
    this.#documents.set(document.id, document)
    const all = [...this.#documents.values()]
    this.#progress.show(describe(document), all.filter(isDone).length, all.length)
    if (!isDone(document)) return
    this.#waiting.get(document.id)?.(document)
    this.#waiting.delete(document.id)
  }
}

function isDone({ status }: DocumentAnswer): boolean {
  return status === 'ready' || status === 'failed'
}

function describe({ name, status, pages }: DocumentAnswer): string {
  if (status !== 'reading' || !pages.total || pages.total < 2) return `${status} ${name}`
  return `reading ${name}, page ${Math.min(pages.done + 1, pages.total)} of ${pages.total}`
}
