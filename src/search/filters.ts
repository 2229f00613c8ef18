/** What a query says about the documents it wants, beside the words: parts of names, kinds, days. */

export interface Filters {
  /** Parts that the document's name must hold: all of them. */
  names: string[]
  /** Parts of the collection's name: one of them. */
  collections: string[]
  /** A file extension or a part of the media type: one of them. */
  types: string[]
  /** Unix milliseconds: added at this time or later. */
  after: number | undefined
  /** Added before this time. */
  before: number | undefined
}

const FILTERS_MAX = 8

export function noFilters(): Filters {
  return { names: [], collections: [], types: [], after: undefined, before: undefined }
}

export function hasFilters({ names, collections, types, after, before }: Filters): boolean {
  return names.length + collections.length + types.length > 0 || after !== undefined || before !== undefined
}

/** Takes up `name:value`; false where the value says nothing, so that it is words like any other. */
export function addFilter(filters: Filters, operator: string, value: string): boolean {
  switch (operator) {
    case 'name':
      return addPart(filters.names, value)
    case 'collection':
      return addPart(filters.collections, value)
    case 'type':
      return addPart(filters.types, value.replace(/^\./, ''))
    case 'after':
    case 'before': {
      const time = parseDay(value)
      if (time === undefined) return false
      // Several are all to hold: the narrowest does.
      if (operator === 'after') filters.after = Math.max(time, filters.after ?? time)
      else filters.before = Math.min(time, filters.before ?? time)
      return true
    }
    default:
      return false
  }
}

function addPart(list: string[], value: string): boolean {
  const part = value.trim()
  if (part === '') return false
  if (list.length < FILTERS_MAX) list.push(part.toLowerCase())
  return true
}

/** The beginning, in UTC, of a day, month or year: `2026-01-31`, `2026-01`, `2026`. */
function parseDay(value: string): number | undefined {
  const match = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(value.trim())
  if (!match) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2] ?? 1), Number(match[3] ?? 1)]
  const date = new Date(Date.UTC(year, month - 1, day))
  // 31 February would be a day in March.
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day ? date.getTime() : undefined
}

/**
 * Spellings to look for in SQL, whose `lower` knows ASCII only: as it is, capitalised, in capitals, each composed and decomposed
 * (file names of macOS are).
 */
export function spellings(part: string): string[] {
  if (/^[\0-\x7f]*$/.test(part)) return [part]
  const cased = [part, part.replace(/(?<!\p{L})\p{L}/gu, (letter) => letter.toUpperCase()), part.toUpperCase()]
  return [...new Set(cased.flatMap((one) => [one.normalize('NFC'), one.normalize('NFD')]))]
}
