/** Sizes and durations: constants, and text in both directions. */

export const KIB = 1024
export const MIB = 1024 * KIB
export const GIB = 1024 * MIB
export const SECOND_MS = 1000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const SIZE = /^(\d+(?:\.\d+)?)\s*(b|k|kb|kib|m|mb|mib|g|gb|gib)?$/i
const SIZE_FACTOR: Record<string, number> = { b: 1, k: KIB, m: MIB, g: GIB }

/** `512MB`, `512m`, `1.5 GiB` or plain bytes, as containers mean them (powers of 1024); undefined when it is no size. */
export function parseBytes(text: string): number | undefined {
  const match = SIZE.exec(text.trim())
  if (!match) return undefined
  return Math.round(Number(match[1]) * SIZE_FACTOR[(match[2] ?? 'b')[0]!.toLowerCase()]!)
}

/** Bytes for people: `812 B`, `3.4 MB`, `50 MB`. */
export function printBytes(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`
  const [factor, unit] = bytes < MIB ? [KIB, 'kB'] : bytes < GIB ? [MIB, 'MB'] : [GIB, 'GB']
  const value = bytes / factor
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${unit}`
}

/** A duration for people: `340 ms`, `4.2 s`, `3 min 10 s`. */
export function printMs(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`
  return `${Math.floor(ms / MINUTE_MS)} min ${Math.round((ms % MINUTE_MS) / SECOND_MS)} s`
}
