/** What recognising a page takes, and so how large a page may be that is read as a whole. Measured; see `bench/ocr.ts`. */
import { KnowBotError } from '../../errors.ts'
import { MIB, printBytes } from '../../lib/units.ts'

export type EngineKind = 'native' | 'built-in'

/** Megabytes of the engine without a page, and for each megapixel; the built-in one counts with the process it runs in. */
const ENGINE = {
  native: { base: 18, perMegapixel: 5.8 },
  'built-in': { base: 48, perMegapixel: 3.4 },
} as const

/** Also where nobody sets a limit: 270 MB, and more than any sheet of paper needs. */
const WHOLE_PIXELS_MAX = 50e6

/** Pixels of the largest page that fits beside a reader which takes `readerBytes` itself. */
export function pixelsWithin(bytesMax: number | null, kind: EngineKind, readerBytes: number): number {
  if (bytesMax === null) return WHOLE_PIXELS_MAX
  const { base, perMegapixel } = ENGINE[kind]
  return Math.min(WHOLE_PIXELS_MAX, Math.max(0, ((bytesMax - readerBytes) / MIB - base) / perMegapixel) * 1e6)
}

/** The engine with a page of so many pixels. */
export function engineBytes(kind: EngineKind, pixels: number): number {
  const { base, perMegapixel } = ENGINE[kind]
  return (base + (perMegapixel * Math.min(pixels, WHOLE_PIXELS_MAX)) / 1e6) * MIB
}

export function needsMore(
  pixels: number,
  kind: EngineKind,
  readerBytes: number,
  bytesMax: number | null,
): KnowBotError {
  const needed = readerBytes + engineBytes(kind, pixels)
  const had = bytesMax === null ? 'less' : printBytes(bytesMax)
  return new KnowBotError(
    'out_of_memory',
    `Expected ${printBytes(needed)} of memory for reading this page, got ${had}.`,
  )
}

/** What an engine says that has died for lack of memory. */
export function isMemoryDeath(error: unknown): boolean {
  return (
    error instanceof Error &&
    /bad_alloc|out of memory|memory allocation|cannot allocate|allocation failed/i.test(error.message)
  )
}
