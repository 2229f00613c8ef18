/** People who may sign in, as administrators see them. */
import { KnowBotError } from '../errors.ts'
import type { Database, Reader } from '../storage.ts'
import { readUsername } from './names.ts'
import { assertGoodPassword, type Passwords } from './passwords.ts'
import { type Principal, principalOf, type Role } from './principal.ts'
import * as store from './store.ts'

export interface UserView {
  id: string
  name: string
  role: Role
  disabled: boolean
  createdAt: number
}

export interface UserChange {
  password?: string | undefined
  role?: Role | undefined
  disabled?: boolean | undefined
}

export interface Users {
  list(slice: store.Slice): Promise<UserView[]>
  /** Throws `conflict` when the name is taken, `bad_request` when name or password will not do. */
  create(user: { name: string; password: string; role: Role }): Promise<UserView>
  /** A new password and disabling end the user's sessions. Throws `not_found`; `conflict` for the last administrator. */
  update(id: string, change: UserChange): Promise<UserView>
  /**
   * No way in any more: disabled, every session and key ended. Answers as whom the documents are to be deleted.
   * Throws `not_found`; `conflict` for the last administrator.
   */
  close(id: string): Promise<Principal>
  /** Forgets the name too. Throws as `close` does. */
  remove(id: string): Promise<void>
}

export function openUsers(database: Database, passwords: Passwords, now: () => number): Users {
  return {
    async list(slice) {
      return store.listPeople(database, slice).map(viewOf)
    },

    async create({ name, password, role }) {
      const username = readUsername(name)
      assertGoodPassword(password, username)
      assertFree(database, username)
      const passwordHash = await passwords.hash(password)
      return database.write((tx) => {
        assertFree(tx, username)
        return viewOf(store.insertUser(tx, { kind: 'person', name: username, role, passwordHash }, now()))
      })
    },

    async update(id, { password, role, disabled }) {
      const before = find(database, id)
      if (password !== undefined) assertGoodPassword(password, before.name)
      const passwordHash = password === undefined ? undefined : await passwords.hash(password)
      return database.write((tx) => {
        const user = find(tx, id)
        const changed = {
          ...user,
          role: role ?? user.role,
          passwordHash: passwordHash ?? user.passwordHash,
          disabledAt: disabled === undefined ? user.disabledAt : disabled ? (user.disabledAt ?? now()) : null,
        }
        if (changed.role !== 'administrator' || changed.disabledAt !== null) assertNotLast(tx, user)
        store.updateUser(tx, changed)
        if (passwordHash !== undefined || changed.disabledAt !== null) store.endSessionsOf(tx, user.id)
        return viewOf(changed)
      })
    },

    async close(id) {
      return database.write((tx) => {
        const user = find(tx, id)
        assertNotLast(tx, user)
        store.updateUser(tx, { ...user, disabledAt: user.disabledAt ?? now() })
        store.endSessionsOf(tx, user.id)
        store.deleteKeysOf(tx, user.id)
        // What is their own, and not what a role let them see of others.
        return principalOf(tx, { ...user, role: 'member' }, 'local')
      })
    },

    async remove(id) {
      await database.write((tx) => {
        const user = find(tx, id)
        assertNotLast(tx, user)
        store.endSessionsOf(tx, user.id)
        store.deleteKeysOf(tx, user.id)
        store.markRemoved(tx, user, now())
        store.sweepRemoved(tx)
      })
    },
  }
}

function find(reader: Reader, id: string): store.UserRow {
  const user = store.personByPublicId(reader, id)
  if (!user) throw new KnowBotError('not_found', 'There is no such user.')
  return user
}

function assertFree(reader: Reader, name: string): void {
  if (!store.isNameTaken(reader, name)) return
  throw new KnowBotError('conflict', `There is an account "${name}" already. Choose another name.`)
}

function assertNotLast(reader: Reader, user: store.UserRow): void {
  const isActiveAdministrator = user.role === 'administrator' && user.disabledAt === null
  if (!isActiveAdministrator || store.otherAdministrators(reader, user.id) > 0) return
  throw new KnowBotError('conflict', `"${user.name}" is the last administrator. Make another one first.`)
}

function viewOf({ publicId, name, role, disabledAt, createdAt }: store.UserRow): UserView {
  return { id: publicId, name, role, disabled: disabledAt !== null, createdAt }
}
