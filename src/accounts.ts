/**
 * Who is asking, and which collections they may read. Everybody who acts is a *principal*: a person with a session, a key
 * that acts as its user, the bootstrap key (as the fixed user `system`), or the shell on this machine (as `local`).
 *
 * A principal is made anew for every request; whoever holds one for longer asks again. What is stored of passwords, tokens,
 * keys and the set-up code are hashes. This component knows no HTTP.
 */
import { timingSafeEqual } from 'node:crypto'
import { authenticateKey, type Keys, openKeys } from './accounts/keys.ts'
import { Passwords } from './accounts/passwords.ts'
import { type Principal, principalOf } from './accounts/principal.ts'
import { newSetupCode, readSetupCode, sha256 } from './accounts/secrets.ts'
import { openSessions, type Sessions, sweepSessions } from './accounts/sessions.ts'
import * as store from './accounts/store.ts'
import { openUsers, type Users } from './accounts/users.ts'
import { KnowBotError } from './errors.ts'
import type { Reader, Storage } from './storage.ts'

export { networkOf } from './accounts/attempts.ts'
export type { Keys, KeyView, NewKey } from './accounts/keys.ts'
export { type Principal, type Role, SCOPES, type Scope } from './accounts/principal.ts'
export type { SessionView, SignedIn, SignIn } from './accounts/sessions.ts'
export type { Users, UserView } from './accounts/users.ts'

export interface CollectionView {
  id: string
  name: string
  /** Name of the user whose it is. */
  owner: string
  createdAt: number
}

export interface Accounts extends Sessions {
  /** The shell on this machine. */
  local(): Promise<Principal>
  /** The bootstrap key, or one that was made here. */
  authenticateKey(key: string): Promise<Principal | undefined>
  /** The rights that a user has now, for what goes on after their request; undefined when they may not ask any more. */
  principalOf(userId: number): Principal | undefined
  users: Users
  keys: Keys
  /** Those that the principal may read, their own first. */
  collections(principal: Principal): Promise<CollectionView[]>
  /** Integer ids of collections as somebody names them. Throws `not_found` for what the principal may not read. */
  resolveCollections(principal: Principal, publicIds: readonly string[]): Promise<number[]>
}

export interface AccountsOptions {
  bootstrapKey?: string | undefined
  /** Unix milliseconds. */
  now?: () => number
}

/** Opens the accounts of a folder that `prepareAccounts` has seen. */
export function openAccounts({ database }: Storage, options: AccountsOptions = {}): Accounts {
  const { bootstrapKey, now = Date.now } = options
  const bootstrapHash = bootstrapKey === undefined ? undefined : sha256(bootstrapKey)
  const passwords = new Passwords()

  return {
    ...openSessions(database, passwords, now),
    users: openUsers(database, passwords, now),
    keys: openKeys(database, now),

    async local() {
      return principalOf(database, fixed(database, 'local'), 'local')
    },

    async authenticateKey(key) {
      // Hashes are compared, so that neither length nor a common beginning shows in the time it takes.
      if (bootstrapHash && timingSafeEqual(sha256(key), bootstrapHash))
        return principalOf(database, fixed(database, 'system'), 'bootstrap')
      return authenticateKey(database, key, now())
    },

    principalOf(userId) {
      const user = store.userById(database, userId)
      return user && user.disabledAt === null ? principalOf(database, user, VIA[user.kind]) : undefined
    },

    async collections({ userId, role }) {
      return store
        .collectionsOf(database, { id: userId, role })
        .map(({ publicId, name, owner, createdAt }) => ({ id: publicId, name, owner, createdAt }))
    },

    async resolveCollections({ readableCollections }, publicIds) {
      return [...new Set(publicIds)].map((publicId) => {
        const id = store.findCollection(database, publicId, readableCollections)
        if (id !== undefined) return id
        throw new KnowBotError('not_found', 'There is no such collection, or it is not yours.')
      })
    },
  }
}

const VIA = { person: 'session', system: 'bootstrap', local: 'local' } as const

function fixed(reader: Reader, kind: 'system' | 'local'): store.UserRow {
  const user = store.fixedUser(reader, kind)
  if (!user) throw new Error(`The folder has no user "${kind}": prepareAccounts did not run.`)
  return user
}

/**
 * Before the first request of a start: the fixed users are there, what is over is forgotten, and as long as nobody
 * administers there is a fresh set-up code, the one that is answered.
 */
export function prepareAccounts(
  { database }: Storage,
  now: number = Date.now(),
): Promise<{ setupCode: string | undefined }> {
  return database.write((tx) => {
    for (const kind of ['system', 'local'] as const) {
      if (store.fixedUser(tx, kind)) continue
      store.insertUser(tx, { kind, name: kind, role: 'administrator', passwordHash: null }, now)
    }
    sweepSessions(tx, now)
    store.sweepRemoved(tx)
    if (store.otherAdministrators(tx) > 0) {
      store.removeSetupCode(tx)
      return { setupCode: undefined }
    }
    const setupCode = newSetupCode()
    store.setSetupCodeHash(tx, sha256(readSetupCode(setupCode)))
    return { setupCode }
  })
}
