/** Whoever asks, and what they may. Made anew for every request, so that it is never older than the rights it speaks of. */
import type { Reader } from '../storage.ts'
import { collectionsOf, type UserRow } from './store.ts'

export const SCOPES = ['read', 'write', 'chat', 'admin'] as const
export type Scope = (typeof SCOPES)[number]
export type Role = 'administrator' | 'member'

export interface Principal {
  userId: number
  userPublicId: string
  name: string
  /** `system` acts with the bootstrap key, `local` is the shell on this machine. */
  kind: 'person' | 'system' | 'local'
  role: Role
  scopes: ReadonlySet<Scope>
  via: 'session' | 'key' | 'bootstrap' | 'local'
  /** Ids of `collections`, not public ones. */
  readableCollections: readonly number[]
  homeCollection: number
}

/** The scope `admin` is worth nothing without the role. */
export function principalOf(
  reader: Reader,
  user: UserRow,
  via: Principal['via'],
  scopes: readonly Scope[] = SCOPES,
): Principal {
  const readableCollections = collectionsOf(reader, user).map(({ id }) => id)
  const allowed = scopes.filter((scope) => scope !== 'admin' || user.role === 'administrator')
  return {
    userId: user.id,
    userPublicId: user.publicId,
    name: user.name,
    kind: user.kind,
    role: user.role,
    scopes: new Set(allowed),
    via,
    readableCollections,
    homeCollection: readableCollections[0]!,
  }
}
