/** May this principal call this route? What objects it may touch is answered by whoever has the objects. */
import type { Principal } from '../accounts.ts'
import { KnowBotError } from '../errors.ts'
import { unauthenticated } from './caller.ts'
import type { Policy } from './route.ts'

/** Throws `unauthenticated` or `forbidden`. */
export function assertAllowed(policy: Policy, principal: Principal | undefined): void {
  if (policy.kind === 'public') return
  if (!principal) throw unauthenticated('Nobody is signed in.')
  switch (policy.kind) {
    case 'administrator':
      if (principal.role === 'administrator' && principal.scopes.has('admin')) return
      throw forbidden('This is for administrators, and for their keys with the scope "admin".')
    case 'person':
      if (principal.via === 'key' && !principal.scopes.has('admin'))
        throw forbidden('A key can neither list nor make nor revoke keys, unless it has the scope "admin". Sign in.')
      assertScope(policy.scope, principal)
      break
    case 'signed-in':
      assertScope(policy.scope, principal)
  }
}

function assertScope(scope: 'read' | 'write' | 'chat', { scopes }: Principal): void {
  if (scopes.has(scope)) return
  throw forbidden(`This needs a key with the scope "${scope}"; this one has ${[...scopes].join(', ') || 'none'}.`)
}

function forbidden(message: string): KnowBotError {
  return new KnowBotError('forbidden', message)
}
