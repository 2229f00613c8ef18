/** On which rung of its ladder the server is: asked when the line is open, then told as it changes. */
import { signal } from '@preact/signals'
import { api } from '../api-client.ts'
import type { ServerModeAnswer } from '../wire.ts'

/** Null until it is known. */
export const serverMode = signal<ServerModeAnswer | null>(null)

export async function askServerMode(): Promise<void> {
  // Where nobody answers, the page says so elsewhere.
  const answer = await api.ready().catch(() => null)
  if (answer) serverMode.value = answer
}
