/**
 * Secrets at rest: AES-256-GCM under a key that lies beside the database, in a file of its own that nobody else may read.
 * A copy of the database alone, and so a backup, tells nothing of them (docs/decisions/0030-key-of-the-model.md).
 *
 *     sealed = version (1 byte) | nonce (12) | tag (16) | what was encrypted
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { uuidv7 } from '../lib/uuid.ts'

const VERSION = 1
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES
export const KEY_FILE = 'sealing.key'

/** Makes the key where there is none. `purpose` is bound to it: what was sealed for one purpose opens for no other. */
export async function seal(folder: string, purpose: string, text: string): Promise<Uint8Array> {
  const key = readKey(folder) ?? (await makeKey(folder))
  const nonce = randomBytes(NONCE_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(purpose))
  const encrypted = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), encrypted])
}

/** Undefined where the key is missing or another one, as after a restore. */
export function unseal(folder: string, purpose: string, sealed: Uint8Array): string | undefined {
  const key = readKey(folder)
  const bytes = Buffer.from(sealed)
  if (!key || bytes.length < HEAD_BYTES || bytes[0] !== VERSION) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  })
    .setAAD(Buffer.from(purpose))
    .setAuthTag(bytes.subarray(1 + NONCE_BYTES, HEAD_BYTES))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]).toString('utf8')
  } catch {
    return undefined // The tag does not fit: another key, or other bytes.
  }
}

function readKey(folder: string): Buffer | undefined {
  try {
    const key = readFileSync(join(folder, KEY_FILE))
    return key.length === KEY_BYTES ? key : undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all, and once: of two workers that make one at the same time, both go on with the same. */
async function makeKey(folder: string): Promise<Buffer> {
  const path = join(folder, KEY_FILE)
  const aside = `${path}.${uuidv7()}`
  const file = await open(aside, 'wx', 0o600)
  try {
    await file.writeFile(randomBytes(KEY_BYTES))
    await file.sync()
    await file.close()
    await link(aside, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await syncFolder(folder)
  } finally {
    await file.close().catch(() => undefined) // Closed above, unless something failed.
    await rm(aside, { force: true })
  }
  const key = readKey(folder)
  if (!key) throw new Error(`${path} does not hold a key of ${KEY_BYTES} bytes.`)
  return key
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  await handle.sync().finally(() => handle.close())
}
