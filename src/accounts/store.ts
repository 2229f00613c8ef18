/** SQL of accounts: users with their collections, sessions, keys, and the set-up code. */
import { uuidv7 } from '../lib/uuid.ts'
import type { Reader, Transaction } from '../storage.ts'
import type { Role, Scope } from './principal.ts'

export interface UserRow {
  id: number
  publicId: string
  kind: 'person' | 'system' | 'local'
  name: string
  role: Role
  passwordHash: string | null
  createdAt: number
  disabledAt: number | null
}

const USER = `id, public_id AS publicId, kind, name, role, password_hash AS passwordHash, created_at AS createdAt,
  disabled_at AS disabledAt`
/** People who sign in; who was removed is kept without a name until the last document is purged. */
const PERSON = `kind = 'person' AND removed_at IS NULL`

export function userById(reader: Reader, id: number): UserRow | undefined {
  return reader.get<UserRow>(`SELECT ${USER} FROM users WHERE id = ? AND removed_at IS NULL`, id)
}

export function personByName(reader: Reader, name: string): UserRow | undefined {
  return reader.get<UserRow>(`SELECT ${USER} FROM users WHERE name = ? AND ${PERSON}`, name)
}

export function personByPublicId(reader: Reader, publicId: string): UserRow | undefined {
  return reader.get<UserRow>(`SELECT ${USER} FROM users WHERE public_id = ? AND ${PERSON}`, publicId)
}

export function fixedUser(reader: Reader, kind: 'system' | 'local'): UserRow | undefined {
  return reader.get<UserRow>(`SELECT ${USER} FROM users WHERE kind = ?`, kind)
}

export interface Slice {
  limit: number
  /** The public id of the last one of the slice before. */
  cursor?: string | null
}

/** Behind every UUID. */
const END = '~'

export function listPeople(reader: Reader, { limit, cursor }: Slice): UserRow[] {
  return reader.all<UserRow>(
    `SELECT ${USER} FROM users WHERE ${PERSON} AND public_id < ? ORDER BY public_id DESC LIMIT ?`,
    cursor ?? END,
    limit,
  )
}

export function isNameTaken(reader: Reader, name: string): boolean {
  return reader.get('SELECT 1 FROM users WHERE name = ?', name) !== undefined
}

/** Administrators who can sign in, without the one named. */
export function otherAdministrators(reader: Reader, exceptId = 0): number {
  return reader.get<{ n: number }>(
    `SELECT count(*) AS n FROM users WHERE ${PERSON} AND role = 'administrator' AND disabled_at IS NULL AND id <> ?`,
    exceptId,
  )!.n
}

/** A user with the collection that everybody has from the start. */
export function insertUser(
  tx: Transaction,
  user: Pick<UserRow, 'kind' | 'name' | 'role' | 'passwordHash'>,
  now: number,
): UserRow {
  const { lastId } = tx.run(
    'INSERT INTO users (public_id, kind, name, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    uuidv7(now),
    user.kind,
    user.name,
    user.role,
    user.passwordHash,
    now,
  )
  tx.run(
    `INSERT INTO collections (public_id, owner_id, name, created_at) VALUES (?, ?, 'Documents', ?)`,
    uuidv7(now),
    lastId,
    now,
  )
  return userById(tx, lastId)!
}

export function updateUser(tx: Transaction, user: Pick<UserRow, 'id' | 'role' | 'passwordHash' | 'disabledAt'>): void {
  tx.run(
    'UPDATE users SET role = ?, password_hash = ?, disabled_at = ? WHERE id = ?',
    user.role,
    user.passwordHash,
    user.disabledAt,
    user.id,
  )
}

/** Nothing that names the person stays. The row does, because documents that wait for their purge point at it. */
export function markRemoved(tx: Transaction, { id, publicId }: UserRow, now: number): void {
  tx.run(
    'UPDATE users SET name = ?, password_hash = NULL, disabled_at = ?, removed_at = ? WHERE id = ?',
    publicId,
    now,
    now,
    id,
  )
}

/** Forgets those whose last document is purged. */
export function sweepRemoved(tx: Transaction): void {
  tx.run(
    `DELETE FROM users WHERE removed_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM documents WHERE owner_id = users.id)`,
  )
}

export interface CollectionRow {
  id: number
  publicId: string
  name: string
  owner: string
  createdAt: number
}

/** The integer id of a collection, if it is among these. */
export function findCollection(reader: Reader, publicId: string, among: readonly number[]): number | undefined {
  return reader.get<{ id: number }>(
    'SELECT id FROM collections WHERE public_id = ? AND id IN (SELECT value FROM json_each(?))',
    publicId,
    JSON.stringify(among),
  )?.id
}

/** The user's own, and for administrators those of `system` too. The oldest of their own is home. */
export function collectionsOf(reader: Reader, user: Pick<UserRow, 'id' | 'role'>): CollectionRow[] {
  return reader.all<CollectionRow>(
    `SELECT collections.id, collections.public_id AS publicId, collections.name, users.name AS owner,
       collections.created_at AS createdAt
     FROM collections JOIN users ON users.id = owner_id
     WHERE owner_id = ?1 OR (?2 = 'administrator' AND users.kind = 'system')
     ORDER BY owner_id <> ?1, collections.id`,
    user.id,
    user.role,
  )
}

export interface SessionRow {
  userId: number
  createdAt: number
  lastSeenAt: number
}

export function findSession(reader: Reader, tokenHash: Uint8Array): SessionRow | undefined {
  return reader.get<SessionRow>(
    'SELECT user_id AS userId, created_at AS createdAt, last_seen_at AS lastSeenAt FROM sessions WHERE token_hash = ?',
    tokenHash,
  )
}

export interface ListedSession extends SessionRow {
  tokenHash: Uint8Array
  userAgent: string | null
}

/** Used last first. */
export function sessionsOf(reader: Reader, userId: number): ListedSession[] {
  return reader.all<ListedSession>(
    `SELECT token_hash AS tokenHash, user_id AS userId, created_at AS createdAt, last_seen_at AS lastSeenAt,
       user_agent AS userAgent
     FROM sessions WHERE user_id = ? ORDER BY last_seen_at DESC, created_at DESC`,
    userId,
  )
}

export function insertSession(
  tx: Transaction,
  session: { tokenHash: Uint8Array; userId: number; userAgent: string | null },
  now: number,
  keep: number,
): void {
  // As many of the newest as anybody uses at once; the rest were forgotten on other machines.
  tx.run(
    `DELETE FROM sessions WHERE user_id = ?1 AND token_hash NOT IN
       (SELECT token_hash FROM sessions WHERE user_id = ?1 ORDER BY last_seen_at DESC LIMIT ?2)`,
    session.userId,
    keep - 1,
  )
  tx.run(
    'INSERT INTO sessions (token_hash, user_id, created_at, last_seen_at, user_agent) VALUES (?, ?, ?, ?, ?)',
    session.tokenHash,
    session.userId,
    now,
    now,
    session.userAgent,
  )
}

export function touchSession(tx: Transaction, tokenHash: Uint8Array, now: number): void {
  tx.run('UPDATE sessions SET last_seen_at = ? WHERE token_hash = ?', now, tokenHash)
}

export function endSession(tx: Transaction, tokenHash: Uint8Array): void {
  tx.run('DELETE FROM sessions WHERE token_hash = ?', tokenHash)
}

export function endSessionsOf(tx: Transaction, userId: number): void {
  tx.run('DELETE FROM sessions WHERE user_id = ?', userId)
}

export function sweepSessions(tx: Transaction, limits: { seenBefore: number; madeBefore: number }): void {
  tx.run('DELETE FROM sessions WHERE last_seen_at < ? OR created_at < ?', limits.seenBefore, limits.madeBefore)
}

export interface KeyRow {
  id: number
  publicId: string
  userId: number
  name: string
  secretHash: Uint8Array
  scopes: Scope[]
  createdAt: number
  expiresAt: number | null
  lastUsedAt: number | null
}

const KEY = `id, public_id AS publicId, user_id AS userId, name, secret_hash AS secretHash, scopes,
  created_at AS createdAt, expires_at AS expiresAt, last_used_at AS lastUsedAt`

type StoredKey = Omit<KeyRow, 'scopes'> & { scopes: string }

function keyOf({ scopes, ...rest }: StoredKey): KeyRow {
  return { ...rest, scopes: JSON.parse(scopes) }
}

export function findKey(reader: Reader, publicId: string): KeyRow | undefined {
  const row = reader.get<StoredKey>(`SELECT ${KEY} FROM api_keys WHERE public_id = ?`, publicId)
  return row && keyOf(row)
}

export function listKeys(reader: Reader, userId: number, { limit, cursor }: Slice): KeyRow[] {
  return reader
    .all<StoredKey>(
      `SELECT ${KEY} FROM api_keys WHERE user_id = ? AND public_id < ? ORDER BY public_id DESC LIMIT ?`,
      userId,
      cursor ?? END,
      limit,
    )
    .map(keyOf)
}

export function countKeys(reader: Reader, userId: number): number {
  return reader.get<{ n: number }>('SELECT count(*) AS n FROM api_keys WHERE user_id = ?', userId)!.n
}

export function insertKey(tx: Transaction, key: Omit<KeyRow, 'id' | 'lastUsedAt'>): KeyRow {
  tx.run(
    `INSERT INTO api_keys (public_id, user_id, name, secret_hash, scopes, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
    key.publicId,
    key.userId,
    key.name,
    key.secretHash,
    JSON.stringify(key.scopes),
    key.createdAt,
    key.expiresAt,
  )
  return findKey(tx, key.publicId)!
}

export function touchKey(tx: Transaction, id: number, now: number): void {
  tx.run('UPDATE api_keys SET last_used_at = ? WHERE id = ?', now, id)
}

export function deleteKey(tx: Transaction, id: number): void {
  tx.run('DELETE FROM api_keys WHERE id = ?', id)
}

export function deleteKeysOf(tx: Transaction, userId: number): void {
  tx.run('DELETE FROM api_keys WHERE user_id = ?', userId)
}

const SETUP_CODE = 'setup-code-sha256'

export function setupCodeHash(reader: Reader): Uint8Array | undefined {
  return reader.get<{ value: Uint8Array }>('SELECT value FROM secrets WHERE purpose = ?', SETUP_CODE)?.value
}

export function setSetupCodeHash(tx: Transaction, hash: Uint8Array): void {
  tx.run(
    'INSERT INTO secrets VALUES (?, ?) ON CONFLICT (purpose) DO UPDATE SET value = excluded.value',
    SETUP_CODE,
    hash,
  )
}

export function removeSetupCode(tx: Transaction): void {
  tx.run('DELETE FROM secrets WHERE purpose = ?', SETUP_CODE)
}
