/** What answers may be made from, and how a question says it: by naming documents, of which it may name only so many. */

export type Choice =
  | { readonly type: 'everything' }
  | { readonly type: 'all-but'; readonly ids: readonly string[] }
  | { readonly type: 'only'; readonly ids: readonly string[] }

export interface NamedChoice {
  readonly documentIds?: readonly string[]
  readonly exceptDocumentIds?: readonly string[]
}

/** As the server has it. */
export const NAMED_MAX = 15_000

/** `all`: every document that can be used, where they are known. What is too much to name is said from the other side. */
export function nameChoice(choice: Choice, all: ReadonlySet<string> | undefined): NamedChoice {
  if (choice.type === 'everything') return {}
  const { type, ids } = choice
  if (ids.length <= NAMED_MAX || all === undefined)
    return type === 'only' ? { documentIds: ids } : { exceptDocumentIds: ids }
  const named = new Set(ids)
  const others = [...all].filter((id) => !named.has(id))
  if (others.length === 0) return type === 'only' ? {} : { documentIds: others }
  return type === 'only' ? { exceptDocumentIds: others } : { documentIds: others }
}
