/**
 * Originals, named by their SHA-256. Write order: temporary file, write, fsync, rename, fsync of the folder; only then may a
 * row name it. A name that exists holds the same bytes, so keeping twice is keeping once.
 */
import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'

export interface Blobs {
  /** A new temporary file to write an original into, piece by piece. */
  create(): Promise<BlobWriter>
  /** Where the original lies. */
  path(sha256: string): string
  has(sha256: string): Promise<boolean>
  remove(sha256: string): Promise<void>
  /** Removes temporary files of processes that are gone. Only while no other process uploads. */
  sweep(): Promise<number>
  /** The hash of every original that is kept. */
  list(): AsyncIterable<string>
}

/** Not kept until `keep` has resolved; `discard` may be called at any time and any number of times. */
export interface BlobWriter {
  readonly bytes: number
  write(chunk: Uint8Array): Promise<void>
  keep(): Promise<{ sha256: string; bytes: number }>
  discard(): Promise<void>
}

export function openBlobs(folder: string): Blobs {
  const originals = join(folder, 'originals')
  const temporary = join(folder, 'temporary')
  // Two levels of 256 folders would be waste; one keeps 100,000 originals at 400 a folder.
  const path = (sha256: string) => join(originals, sha256.slice(0, 2), sha256)

  return {
    path,
    async create() {
      await mkdir(temporary, { recursive: true })
      const aside = join(temporary, `upload-${uuidv7()}`)
      return new Writer(aside, await openFile(aside), path)
    },
    has: (sha256) =>
      stat(path(sha256)).then(
        () => true,
        () => false,
      ),
    remove: (sha256) => rm(path(sha256), { force: true }),
    async sweep() {
      const left = await readdir(temporary).catch(() => [])
      for (const name of left) await rm(join(temporary, name), { force: true, recursive: true })
      return left.length
    },
    async *list() {
      for (const prefix of await readdir(originals).catch(() => [])) yield* await readdir(join(originals, prefix))
    },
  }
}

class Writer implements BlobWriter {
  readonly #aside: string
  readonly #file: FileHandle
  readonly #path: (sha256: string) => string
  readonly #hash: Hash = createHash('sha256')
  #bytes = 0
  #closed = false

  constructor(aside: string, file: FileHandle, path: (sha256: string) => string) {
    this.#aside = aside
    this.#file = file
    this.#path = path
  }

  get bytes(): number {
    return this.#bytes
  }

  async write(chunk: Uint8Array): Promise<void> {
    await spaceOrRefusal(() => this.#file.writeFile(chunk))
    this.#hash.update(chunk)
    this.#bytes += chunk.byteLength
  }

  async keep(): Promise<{ sha256: string; bytes: number }> {
    const sha256 = this.#hash.digest('hex')
    const target = this.#path(sha256)
    await spaceOrRefusal(async () => {
      await this.#file.sync()
      await this.#close()
      const folder = join(target, '..')
      const isNew = await mkdir(folder, { recursive: true })
      await rename(this.#aside, target)
      await syncFolder(folder)
      if (isNew !== undefined) await syncFolder(join(folder, '..'))
    })
    return { sha256, bytes: this.#bytes }
  }

  async discard(): Promise<void> {
    await this.#close()
    await rm(this.#aside, { force: true })
  }

  async #close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#file.close()
  }
}

function openFile(path: string): Promise<FileHandle> {
  return spaceOrRefusal(() => open(path, 'wx', 0o600))
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function spaceOrRefusal<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOSPC' && code !== 'EDQUOT') throw error
    throw new KnowBotError('disk_full', 'The disk of the data folder is full. Free some space or delete documents.', {
      cause: error,
    })
  }
}
