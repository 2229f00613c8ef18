/** Who is in front of the page. */
import { signal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import type { MeAnswer } from '../wire.ts'
import { leaveAddress } from './address.ts'

export type Session =
  | { state: 'unknown' }
  | { state: 'unreachable'; reason: string }
  | { state: 'setup'; code: string }
  | { state: 'signed-out'; needsSetup: boolean }
  | { state: 'signed-in'; person: MeAnswer }

export const session = signal<Session>({ state: 'unknown' })

/** The cookie belongs to all windows: who leaves in one leaves in all. */
const windows = new BroadcastChannel('knowbot.session')
windows.addEventListener('message', () => {
  if (session.peek().state === 'signed-in') endSession()
})

/** The link that the first start prints ends in `#setup=CODE`; otherwise the cookie decides. */
export async function openSession(): Promise<void> {
  const code = /^#setup=([\w-]+)$/.exec(location.hash)?.[1]
  if (code !== undefined) {
    session.value = { state: 'setup', code }
    return
  }
  await recogniseCookie()
}

export async function setUp(code: string, username: string, password: string): Promise<void> {
  await api.setup({ code, username, password })
  forgetCode()
  await recogniseCookie()
}

export async function signIn(username: string, password: string): Promise<void> {
  await api.signIn({ username, password })
  await recogniseCookie()
}

export async function signOut(): Promise<void> {
  await api.signOut().catch((error) => {
    if (!isSignedOut(error)) throw error
  })
  windows.postMessage('signed-out')
  leaveAddress()
  endSession()
}

/** Also called by whoever is refused for want of a session, as when it ended in another tab. */
export function endSession(): void {
  session.value = { state: 'signed-out', needsSetup: false }
}

export function leaveSetup(): Promise<void> {
  forgetCode()
  return recogniseCookie()
}

export function isSignedOut(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'unauthenticated'
}

async function recogniseCookie(): Promise<void> {
  try {
    session.value = { state: 'signed-in', person: await api.me() }
  } catch (error) {
    if (!isSignedOut(error)) session.value = { state: 'unreachable', reason: asRequestError(error).message }
    else session.value = { state: 'signed-out', needsSetup: await needsSetup() }
  }
}

/** Nobody can sign in where nobody has an account; the view then says so. */
async function needsSetup(): Promise<boolean> {
  const ready = await api.ready().catch(() => undefined) // Not ready is a refusal, and says nothing of accounts.
  return ready?.needsSetup ?? false
}

/** A used code has no business in the history of the browser. */
function forgetCode(): void {
  history.replaceState(null, '', location.pathname)
}
