/** Text recognition behind one interface: the native program where it is installed, else the one that comes along. */

import { KnowBotError } from '../../errors.ts'
import { findTesseract } from '../tools.ts'
import { BUILT_IN_LANGUAGES, openBuiltInEngine } from './engine-built-in.ts'
import { openNativeEngine } from './engine-native.ts'
import type { GrayFile } from './gray-file.ts'
import { packsFor } from './languages.ts'
import type { EngineKind } from './memory.ts'

/** A word in pixels of the image that was read; equal numbers of block, paragraph and line belong together. */
export interface RecognisedWord {
  text: string
  x: number
  y: number
  width: number
  height: number
  /** 0 to 100. */
  confidence: number
  block: number
  paragraph: number
  line: number
}

/** Degrees clockwise by which a page must be turned to stand upright. */
export type Turn = 0 | 90 | 180 | 270

export interface Engine extends AsyncDisposable {
  readonly kind: EngineKind
  /** Words in reading order. The file is a PGM. */
  read(image: GrayFile): Promise<RecognisedWord[]>
  /** Undefined when it cannot tell. */
  findTurn(image: GrayFile): Promise<{ turn: Turn; confidence: number } | undefined>
}

const DEFAULT_LANGUAGE = 'en'

export async function openEngine(language: string | null, use: 'best' | 'built-in' = 'best'): Promise<Engine> {
  const native = use === 'best' ? await findTesseract() : null
  const asked = language ?? DEFAULT_LANGUAGE
  const packs = native && packsFor(asked, native.languages)
  if (packs) return openNativeEngine(packs, native.languages.includes('osd'))
  if (packsFor(asked, BUILT_IN_LANGUAGES)) return openBuiltInEngine()
  const installed = (native?.languages ?? BUILT_IN_LANGUAGES).filter((name) => name !== 'osd')
  throw new KnowBotError(
    'language_unavailable',
    `Expected data for reading "${asked}", found only: ${installed.join(', ')}. Install Tesseract with the pack of that language, or read in another one.`,
  )
}
