/**
 * Originals, named by their SHA-256. Write order: temporary file, write, fsync, rename, fsync of the folder; only then may a
 * row name it. A name that exists holds the same bytes, so keeping twice is keeping once.
 */
import { createHash, type Hash } from 'node:crypto'
import * as fs from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { KnowBotError } from '../errors.ts'
import { giveBack } from '../lib/give-back.ts'
import { isAlive } from '../lib/pid.ts'
import { KIB, MIB } from '../lib/units.ts'
import { uuidv7 } from '../lib/uuid.ts'

/**
 * What comes is gathered and written in pieces of this size. Each write goes to a thread and back, which costs the event loop more than
 * the bytes do: a third of its time with pieces of 64 KB (profile of twenty scans at once; bench/memory.ts shows the whole).
 */
const WRITE_BYTES = 128 * KIB
// By descriptors: closing one that is on disk waits for nothing, so that it needs no journey of its own.
const [open, writev, fsync] = [promisify(fs.open), promisify(fs.writev), promisify(fs.fsync)]

/** All writers of a process together hold no more than this, however many upload at once. */
const GATHERED_BYTES_MAX = 2 * MIB
let gatheredBytes = 0

/** Two levels of 256 folders would be waste; one keeps 100,000 originals at 400 a folder. */
const PREFIX_LENGTH = 2
const PREFIXES = 16 ** PREFIX_LENGTH

export interface Blobs {
  /**
   * The folders that originals go into, before the first upload comes: one that had to be made would have to be on disk as well before
   * the upload is acknowledged. Where one is missing all the same, the upload makes it.
   */
  makeFolders(): Promise<void>
  /** Where temporary files go, of uploads and of readers. */
  makeTemporaryFolder(): Promise<string>
  /** A new temporary file to write an original into, piece by piece. */
  create(): Promise<BlobWriter>
  /** Where the original lies. */
  path(sha256: string): string
  /**
   * Both act at once, so that they can be part of a transaction: whoever inserts a row that names the original looks there
   * whether it is kept, whoever deletes the last such row removes it there. The write lock then keeps the two apart.
   */
  has(sha256: string): boolean
  remove(sha256: string): void
  /** Removes temporary files of processes that are gone. Only while no other process uploads; a backup may run. */
  sweep(): Promise<number>
  /** The hash of every original that is kept. */
  list(): AsyncIterable<string>
}

/** `await using writer`: what was not kept is removed when its block ends. */
export interface BlobWriter extends AsyncDisposable {
  readonly bytes: number
  /** The chunk belongs to the writer from now on: its memory is given back as soon as it is written. */
  write(chunk: Uint8Array): Promise<void>
  /** On disk under its hash once this has resolved. */
  keep(): Promise<{ sha256: string; bytes: number }>
}

/** Where a backup is put together: the process that does it stands in the name, because no lock keeps it from a start. */
export function backupFolderName(): string {
  return `backup-${process.pid}-${uuidv7()}`
}

function isAtWork(name: string): boolean {
  const pid = /^backup-(\d+)-/.exec(name)?.[1]
  return pid !== undefined && isAlive(Number(pid))
}

export function openBlobs(folder: string): Blobs {
  const originals = join(folder, 'originals')
  const temporary = join(folder, 'temporary')
  const path = (sha256: string) => join(originals, sha256.slice(0, PREFIX_LENGTH), sha256)
  const makeTemporaryFolder = async () => {
    await mkdir(temporary, { recursive: true, mode: 0o700 })
    return temporary
  }

  return {
    async makeFolders() {
      for (let prefix = 0; prefix < PREFIXES; prefix++) {
        const name = prefix.toString(16).padStart(PREFIX_LENGTH, '0')
        await mkdir(join(originals, name), { recursive: true, mode: 0o700 })
      }
      await makeTemporaryFolder()
      await syncFolder(originals)
      await syncFolder(folder)
    },
    makeTemporaryFolder,
    path,
    async create() {
      const aside = join(temporary, `upload-${uuidv7()}`)
      const { result } = await spaceOrRefusal(() => within(temporary, () => open(aside, 'wx', 0o600)))
      return new Writer(aside, result, path)
    },
    has: (sha256) => fs.statSync(path(sha256), { throwIfNoEntry: false }) !== undefined,
    remove: (sha256) => fs.rmSync(path(sha256), { force: true }),
    async sweep() {
      const left = (await namesIn(temporary)).filter((name) => !isAtWork(name))
      for (const name of left) await rm(join(temporary, name), { force: true, recursive: true })
      return left.length
    },
    async *list() {
      for (const prefix of await namesIn(originals)) {
        for (const name of await namesIn(join(originals, prefix))) if (SHA256.test(name)) yield name
      }
    },
  }
}

class Writer implements BlobWriter {
  readonly #aside: string
  readonly #file: number
  readonly #path: (sha256: string) => string
  readonly #hash: Hash = createHash('sha256')
  #gathered: Uint8Array[] = []
  #gatheredBytes = 0
  #bytes = 0
  #closed = false
  #kept = false

  constructor(aside: string, file: number, path: (sha256: string) => string) {
    this.#aside = aside
    this.#file = file
    this.#path = path
  }

  get bytes(): number {
    return this.#bytes
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#hash.update(chunk)
    this.#bytes += chunk.byteLength
    this.#gathered.push(chunk)
    this.#gatheredBytes += chunk.byteLength
    gatheredBytes += chunk.byteLength
    if (this.#gatheredBytes >= WRITE_BYTES || gatheredBytes >= GATHERED_BYTES_MAX) await this.#flush()
  }

  async #flush(): Promise<void> {
    const chunks = this.#letGo()
    if (chunks.length === 0) return
    await spaceOrRefusal(() => writeWhole(this.#file, chunks))
    chunks.forEach(giveBack)
  }

  #letGo(): Uint8Array[] {
    const chunks = this.#gathered
    gatheredBytes -= this.#gatheredBytes
    this.#gathered = []
    this.#gatheredBytes = 0
    return chunks
  }

  async keep(): Promise<{ sha256: string; bytes: number }> {
    const sha256 = this.#hash.digest('hex')
    const target = this.#path(sha256)
    const folder = dirname(target)
    await this.#flush()
    await spaceOrRefusal(async () => {
      await fsync(this.#file)
      this.#close()
      const { firstNew } = await within(folder, () => rename(this.#aside, target))
      this.#kept = true
      // A folder is durable once its parent is: where one was made, up to the two levels above.
      const changed = new Set([folder])
      if (firstNew !== undefined) changed.add(dirname(folder)).add(dirname(firstNew))
      await Promise.all([...changed].map(syncFolder))
    })
    return { sha256, bytes: this.#bytes }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#letGo()
    this.#close()
    if (!this.#kept) await rm(this.#aside, { force: true })
  }

  #close(): void {
    if (this.#closed) return
    this.#closed = true
    fs.closeSync(this.#file)
  }
}

const SHA256 = /^[0-9a-f]{64}$/

/** What a folder holds; nothing when it is not there yet. */
async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return []
    throw error
  }
}

/** Does the work in a folder, which is made where it is missing; tells the first that was made. */
async function within<T>(folder: string, work: () => Promise<T>): Promise<{ result: T; firstNew: string | undefined }> {
  try {
    return { result: await work(), firstNew: undefined }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    const firstNew = await mkdir(folder, { recursive: true, mode: 0o700 })
    return { result: await work(), firstNew }
  }
}

async function writeWhole(file: number, chunks: readonly Uint8Array[]): Promise<void> {
  for (let rest = chunks; rest.length > 0; ) rest = without(rest, (await writev(file, rest)).bytesWritten)
}

/** What is left of the chunks without their first bytes: a write may take fewer than it is given. */
function without(chunks: readonly Uint8Array[], bytes: number): Uint8Array[] {
  let written = bytes
  return chunks.flatMap((chunk) => {
    const ofThis = Math.min(written, chunk.byteLength)
    written -= ofThis
    return ofThis === chunk.byteLength ? [] : [chunk.subarray(ofThis)]
  })
}

async function syncFolder(path: string): Promise<void> {
  // It was used a moment ago, so that the kernel need not look for it.
  const folder = fs.openSync(path, 'r')
  try {
    await fsync(folder)
  } finally {
    fs.closeSync(folder)
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
