/**
 * What answers may be made from. Everything but what is unticked; or, after "use none", nothing but what is ticked. So it is
 * known also for documents that the list has not come to yet.
 */
import { computed, signal } from '@preact/signals'
import { type Choice, type NamedChoice, nameChoice } from '../named-choice.ts'
import { nextCursor, usable } from './documents.ts'

/** How a document stands that nobody touched. */
const isUsedByDefault = signal(true)
/** Ids of those that stand otherwise. */
const exceptions = signal<ReadonlySet<string>>(new Set())

export const choice = computed((): Choice => {
  const ids = [...exceptions.value].filter((id) => usableIds.value.has(id))
  if (!isUsedByDefault.value) return { type: 'only', ids }
  return ids.length === 0 ? { type: 'everything' } : { type: 'all-but', ids }
})

const usableIds = computed(() => new Set(usable.value.map(({ id }) => id)))

/** How many are used of how many; undefined as long as the list is not complete. */
export const usedOf = computed(() => {
  if (nextCursor.value !== null) return undefined
  const all = usable.value.length
  const { value } = choice
  if (value.type === 'everything') return { used: all, all }
  return { used: value.type === 'only' ? value.ids.length : all - value.ids.length, all }
})

/** A question cannot be answered from nothing. */
export const isNothingUsed = computed(() => {
  const { value } = choice
  if (value.type === 'only') return value.ids.length === 0
  return value.type === 'all-but' && usedOf.value?.used === 0
})

export function isUsed(id: string): boolean {
  return exceptions.value.has(id) !== isUsedByDefault.value
}

export function use(id: string, isWanted: boolean): void {
  const now = new Set(exceptions.peek())
  if (isWanted === isUsedByDefault.peek()) now.delete(id)
  else now.add(id)
  exceptions.value = now
}

export function useAll(isWanted: boolean): void {
  isUsedByDefault.value = isWanted
  exceptions.value = new Set()
}

/** As a question names it. */
export function namedChoice(): NamedChoice {
  return nameChoice(choice.peek(), nextCursor.peek() === null ? usableIds.peek() : undefined)
}
