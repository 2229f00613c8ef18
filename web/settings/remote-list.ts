/** A list of the server as the settings show it: loaded when its section is, and again after each change. */
import { type Signal, useSignal } from '@preact/signals'
import { useCallback, useEffect } from 'preact/hooks'
import { asRequestError } from '../api-client.ts'
import { endSession, isSignedOut } from '../state/session.ts'
import type { Slice } from '../wire.ts'

export interface RemoteList<T> {
  readonly items: Signal<readonly T[]>
  readonly next: Signal<string | null>
  readonly problem: Signal<string | null>
  /** From the first one on. */
  load(): Promise<void>
  more(): Promise<void>
  /** Does something to the list and shows it anew; what went wrong stands under it. Answers whether it worked. */
  change(act: () => Promise<unknown>): Promise<boolean>
}

export function useRemoteList<T>(fetchSlice: (cursor: string | null) => Promise<Slice<T>>): RemoteList<T> {
  const items = useSignal<readonly T[]>([])
  const next = useSignal<string | null>(null)
  const problem = useSignal<string | null>(null)

  const attempt = async (act: () => Promise<unknown>): Promise<boolean> => {
    try {
      await act()
      problem.value = null
      return true
    } catch (error) {
      problem.value = asRequestError(error).message
      if (isSignedOut(error)) endSession()
      return false
    }
  }
  const load = useCallback(async () => {
    await attempt(async () => {
      const slice = await fetchSlice(null)
      items.value = slice.items
      next.value = slice.nextCursor
    })
  }, [fetchSlice])
  useEffect(() => void load(), [load])
  return {
    items,
    next,
    problem,
    load,
    more: async () => {
      await attempt(async () => {
        const slice = await fetchSlice(next.peek())
        items.value = [...items.value, ...slice.items]
        next.value = slice.nextCursor
      })
    },
    change: async (act) => {
      const isDone = await attempt(act)
      if (isDone) await load()
      return isDone
    },
  }
}
