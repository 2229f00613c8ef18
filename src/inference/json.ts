/** Reading JSON that came from outside: what is not of the expected shape is nothing. */

export type Json = Readonly<Record<string, unknown>>

export function parseObject(text: string): Json | undefined {
  try {
    return objectOf(JSON.parse(text))
  } catch {
    return undefined // Not JSON: the caller says so.
  }
}

export function objectOf(value: unknown): Json | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined
}

export function firstOf(value: unknown): Json | undefined {
  return Array.isArray(value) ? objectOf(value[0]) : undefined
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function countOf(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}
