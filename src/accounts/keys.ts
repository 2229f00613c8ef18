/** API keys: made, listed, revoked, and who one belongs to. The secret of a key is shown once. */
import { KnowBotError } from '../errors.ts'
import { MINUTE_MS } from '../lib/units.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Database, Reader } from '../storage.ts'
import { readLabel } from './names.ts'
import { type Principal, principalOf, type Scope } from './principal.ts'
import { matches, newKey, readKey, sha256 } from './secrets.ts'
import * as store from './store.ts'

const KEYS_PER_USER_MAX = 100
const TOUCH_EVERY_MS = MINUTE_MS
const DEFAULT_SCOPES: readonly Scope[] = ['read', 'write', 'chat']

export interface KeyView {
  id: string
  name: string
  scopes: Scope[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

export interface NewKey {
  name: string
  scopes?: readonly Scope[] | undefined
  /** Unix milliseconds; never, when left out. */
  expiresAt?: number | null | undefined
  /** Public id of somebody else; for administrators. */
  userId?: string | undefined
}

export interface Keys {
  list(principal: Principal, slice: store.Slice & { userId?: string | undefined }): Promise<KeyView[]>
  /** Throws `forbidden` when more is asked for than the caller may, `not_found`, `conflict`, `bad_request`. */
  create(principal: Principal, key: NewKey): Promise<KeyView & { key: string }>
  /** One's own; administrators revoke any. Throws `not_found`. */
  revoke(principal: Principal, id: string): Promise<void>
}

export function openKeys(database: Database, now: () => number): Keys {
  return {
    async list(principal, { userId, ...slice }) {
      return store.listKeys(database, ownerOf(database, principal, userId).id, slice).map(viewOf)
    },

    async create(principal, { name, scopes, expiresAt = null, userId }) {
      const label = readLabel(name)
      if (expiresAt !== null && expiresAt <= now())
        throw new KnowBotError('bad_request', 'Expected expiresAt in the future, got a time that has passed.')
      const publicId = uuidv7(now())
      const { key, secret } = newKey(publicId)
      const row = await database.write((tx) => {
        const owner = ownerOf(tx, principal, userId)
        const granted = grantable(principal, owner, scopes)
        if (store.countKeys(tx, owner.id) >= KEYS_PER_USER_MAX) throw tooManyKeys()
        const secretHash = sha256(secret)
        return store.insertKey(tx, {
          publicId,
          userId: owner.id,
          name: label,
          secretHash,
          scopes: granted,
          createdAt: now(),
          expiresAt,
        })
      })
      return { ...viewOf(row), key }
    },

    async revoke(principal, id) {
      await database.write((tx) => {
        const key = store.findKey(tx, id)
        const isTheirs = key && (key.userId === principal.userId || isAdministrator(principal))
        if (!key || !isTheirs) throw new KnowBotError('not_found', 'There is no such key.')
        store.deleteKey(tx, key.id)
      })
    },
  }
}

/** Who stands behind a key; undefined when it is unknown, over, or its user is disabled. */
export function authenticateKey(database: Database, key: string, now: number): Principal | undefined {
  const read = readKey(key)
  const row = read && store.findKey(database, read.publicId)
  if (!row || !matches(read.secret, row.secretHash)) return undefined
  if (row.expiresAt !== null && row.expiresAt <= now) return undefined
  const user = store.userById(database, row.userId)
  if (!user || user.disabledAt !== null) return undefined
  if (row.lastUsedAt === null || now - row.lastUsedAt > TOUCH_EVERY_MS) {
    // Best effort: a key works on a full or busy disk all the same.
    database.write((tx) => store.touchKey(tx, row.id, now)).catch(() => undefined)
  }
  return principalOf(database, user, 'key', row.scopes)
}

function ownerOf(reader: Reader, principal: Principal, userId: string | undefined): store.UserRow {
  const isOwn = userId === undefined || userId === principal.userPublicId
  if (!isOwn && !isAdministrator(principal))
    throw new KnowBotError('forbidden', 'Keys of somebody else are for administrators.')
  const owner = isOwn ? store.userById(reader, principal.userId) : store.personByPublicId(reader, userId)
  if (!owner) throw new KnowBotError('not_found', 'There is no such user.')
  return owner
}

/** Nobody hands on a right that they do not have, and a member's key never has the scope `admin`. */
function grantable(principal: Principal, owner: store.UserRow, asked: readonly Scope[] | undefined): Scope[] {
  const scopes = asked ?? DEFAULT_SCOPES.filter((scope) => principal.scopes.has(scope))
  const refused = scopes.find(
    (scope) => !principal.scopes.has(scope) || (scope === 'admin' && owner.role !== 'administrator'),
  )
  if (refused)
    throw new KnowBotError('forbidden', `A key with the scope "${refused}" needs an owner and a maker who have it.`)
  return [...new Set(scopes)]
}

function isAdministrator({ role, scopes }: Principal): boolean {
  return role === 'administrator' && scopes.has('admin')
}

function viewOf({ publicId, name, scopes, createdAt, expiresAt, lastUsedAt }: store.KeyRow): KeyView {
  return { id: publicId, name, scopes, createdAt, expiresAt, lastUsedAt }
}

function tooManyKeys(): KnowBotError {
  const message = `Expected at most ${KEYS_PER_USER_MAX} keys for one user. Revoke one that is not used any more.`
  return new KnowBotError('conflict', message)
}
