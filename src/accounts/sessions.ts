/** Signing in and out, the first administrator, and who a session belongs to. */
import { KnowBotError } from '../errors.ts'
import { DAY_MS, MINUTE_MS } from '../lib/units.ts'
import type { Database, Reader, Transaction } from '../storage.ts'
import { Attempts } from './attempts.ts'
import { readUsername } from './names.ts'
import { assertGoodPassword, type Passwords } from './passwords.ts'
import { type Principal, principalOf } from './principal.ts'
import { matches, newToken, readSetupCode, sha256 } from './secrets.ts'
import * as store from './store.ts'

const IDLE_MS_MAX = 14 * DAY_MS
const AGE_MS_MAX = 90 * DAY_MS
/** Last use is written this often at most: a request should not wait for the disk to say that it came. */
const TOUCH_EVERY_MS = 5 * MINUTE_MS
const SESSIONS_PER_USER_MAX = 50
const USER_AGENT_CHARACTERS_MAX = 200

export interface SignIn {
  name: string
  password: string
  /** Address of the other side; undefined over a local socket. */
  peer: string | undefined
  userAgent?: string | undefined
}

export interface PasswordChange {
  current: string
  password: string
  /** Of the session that asks, if one does. */
  token: string | undefined
  /** Address of the other side; undefined over a local socket. */
  peer: string | undefined
}

export interface SignedIn {
  token: string
  principal: Principal
}

export interface SessionView {
  id: string
  /** As the browser called itself when it signed in. */
  userAgent: string | null
  createdAt: number
  /** To within minutes. */
  lastSeenAt: number
  /** The one that asks. */
  isCurrent: boolean
}

export interface Sessions {
  authenticateSession(token: string): Promise<Principal | undefined>
  /** Throws `wrong_credentials`, `rate_limited`, `overloaded`. */
  signIn(attempt: SignIn): Promise<SignedIn>
  signOut(token: string): Promise<void>
  /** Where the principal is signed in, used last first. `token` is that of the session that asks, if one does. */
  sessions(principal: Principal, token?: string): Promise<SessionView[]>
  /** Signs out somewhere else. Throws `not_found`. */
  endSession(principal: Principal, id: string): Promise<void>
  /**
   * A new password, for who knows the old one; ends every session but that of `token`. Throws `wrong_credentials`,
   * `bad_request` when nobody should use it, `rate_limited`, `overloaded`.
   */
  changePassword(principal: Principal, change: PasswordChange): Promise<void>
  /** The first administrator, by the code that the start printed. Throws `wrong_setup_code`, `bad_request`, `conflict`. */
  setup(request: { code: string; name: string; password: string; userAgent?: string | undefined }): Promise<SignedIn>
  needsSetup(): Promise<boolean>
}

export function openSessions(database: Database, passwords: Passwords, now: () => number): Sessions {
  const attempts = new Attempts(now)

  const begin = (tx: Transaction, user: store.UserRow, userAgent: string | undefined): SignedIn => {
    const token = newToken()
    const session = {
      tokenHash: sha256(token),
      userId: user.id,
      userAgent: userAgent?.slice(0, USER_AGENT_CHARACTERS_MAX) ?? null,
    }
    store.insertSession(tx, session, now(), SESSIONS_PER_USER_MAX)
    return { token, principal: principalOf(tx, user, 'session') }
  }

  return {
    async authenticateSession(token) {
      const tokenHash = sha256(token)
      const session = store.findSession(database, tokenHash)
      const user = session && store.userById(database, session.userId)
      if (!session || !user || user.disabledAt !== null || isOver(session, now())) return undefined
      if (now() - session.lastSeenAt > TOUCH_EVERY_MS) {
        // Best effort: on a full or busy disk people stay signed in all the same.
        database.write((tx) => store.touchSession(tx, tokenHash, now())).catch(() => undefined)
      }
      return principalOf(database, user, 'session')
    },

    async signIn({ name, password, peer, userAgent }) {
      const attempt = attempts.begin(name, peer)
      const user = store.personByName(database, name.normalize('NFKC').trim())
      const hash = user?.disabledAt === null ? user.passwordHash : null
      const { isRight, isOutdated } = await passwords.verify(password, hash)
      if (!user || !isRight) {
        attempt.failed()
        throw wrongCredentials()
      }
      attempt.succeeded()
      const fresh = isOutdated ? await passwords.hash(password) : undefined
      return database.write((tx) => {
        // The account may have been disabled or got another password while the hash was computed.
        const current = store.userById(tx, user.id)
        if (!current || current.disabledAt !== null || current.passwordHash !== hash) throw wrongCredentials()
        if (fresh) store.updateUser(tx, { ...current, passwordHash: fresh })
        return begin(tx, current, userAgent)
      })
    },

    async signOut(token) {
      await database.write((tx) => store.endSession(tx, sha256(token)))
    },

    async sessions({ userId }, token) {
      const current = token === undefined ? undefined : idOf(sha256(token))
      return open(database, userId, now()).map(({ tokenHash, userAgent, createdAt, lastSeenAt }) => {
        const id = idOf(tokenHash)
        return { id, userAgent, createdAt, lastSeenAt, isCurrent: id === current }
      })
    },

    async endSession({ userId }, id) {
      await database.write((tx) => {
        const session = open(tx, userId, now()).find(({ tokenHash }) => idOf(tokenHash) === id)
        if (!session) throw new KnowBotError('not_found', 'There is no such session, or it is not yours.')
        store.endSession(tx, session.tokenHash)
      })
    },

    async changePassword({ userId }, { current, password, token, peer }) {
      const user = store.userById(database, userId)
      if (!user) throw wrongCredentials()
      const attempt = attempts.begin(user.name, peer)
      const { isRight } = await passwords.verify(current, user.passwordHash)
      if (!isRight) {
        attempt.failed()
        throw wrongCredentials()
      }
      attempt.succeeded()
      assertGoodPassword(password, user.name)
      const passwordHash = await passwords.hash(password)
      await database.write((tx) => {
        // Another change may have come in between.
        const now = store.userById(tx, userId)
        if (!now || now.passwordHash !== user.passwordHash) throw wrongCredentials()
        store.updateUser(tx, { ...now, passwordHash })
        const kept = token === undefined ? undefined : idOf(sha256(token))
        for (const { tokenHash } of store.sessionsOf(tx, userId)) {
          if (idOf(tokenHash) !== kept) store.endSession(tx, tokenHash)
        }
      })
    },

    async setup({ code, name, password, userAgent }) {
      const given = readSetupCode(code)
      assertSetupCode(database, given)
      const username = readUsername(name)
      assertGoodPassword(password, username)
      const passwordHash = await passwords.hash(password)
      return database.write((tx) => {
        assertSetupCode(tx, given)
        if (store.isNameTaken(tx, username))
          throw new KnowBotError('conflict', `There is an account "${username}" already.`)
        store.removeSetupCode(tx)
        const user = store.insertUser(
          tx,
          { kind: 'person', name: username, role: 'administrator', passwordHash },
          now(),
        )
        return begin(tx, user, userAgent)
      })
    },

    async needsSetup() {
      return store.otherAdministrators(database) === 0
    },
  }
}

function open(reader: Reader, userId: number, now: number): store.ListedSession[] {
  return store.sessionsOf(reader, userId).filter((session) => !isOver(session, now))
}

/** Half of the token's hash, as a UUID: it names the session, and opens nothing. */
function idOf(tokenHash: Uint8Array): string {
  return Buffer.from(tokenHash.subarray(0, 16))
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Forgets what nobody can come back with. */
export function sweepSessions(tx: Transaction, now: number): void {
  store.sweepSessions(tx, { seenBefore: now - IDLE_MS_MAX, madeBefore: now - AGE_MS_MAX })
}

function isOver({ createdAt, lastSeenAt }: store.SessionRow, now: number): boolean {
  return now - lastSeenAt > IDLE_MS_MAX || now - createdAt > AGE_MS_MAX
}

function assertSetupCode(reader: Reader, code: string): void {
  const hash = store.setupCodeHash(reader)
  if (hash && store.otherAdministrators(reader) === 0 && matches(code, hash)) return
  const message =
    'Expected the one-time code that the server printed at its last start (…/#setup=CODE). This one is wrong, used up, or not needed any more.'
  throw new KnowBotError('wrong_setup_code', message)
}

function wrongCredentials(): KnowBotError {
  return new KnowBotError('wrong_credentials', 'This name and this password do not belong together.')
}
