/**
 * One page image to words, in pixels of that image. The steps and their values are measured (mean error in characters
 * without → with): even light 46 → 0.2 on a page lit from one side; straightening 33 → 0 on tilted columns; size 75 → 0.4
 * at 75 dpi in bands; desk 40 → 6; median 1 → 0 on a noisy page. Each is taken only where its condition is measured.
 */
import { join } from 'node:path'
import { BAND_ROWS_MIN } from '../need.ts'
import { meanConfidence } from '../placed-text.ts'
import { readInBands } from './bands.ts'
import { cleanPage } from './clean.ts'
import { denoise } from './denoise.ts'
import type { Engine, RecognisedWord, Turn } from './engine.ts'
import type { GrayFile } from './gray-file.ts'
import { isMemoryDeath, needsMore, pixelsWithin } from './memory.ts'
import { resize } from './resize.ts'
import { findShear, type Shear, shearAt, straighten } from './straighten.ts'
import { type Survey, survey } from './survey.ts'
import { cropMiddle, turnBack, turnPage } from './turn.ts'

/** Gray values; a noisy page has 19, all others up to 3. Below this letter size the median eats strokes. */
const NOISE_MIN = 8
const DENOISE_X_HEIGHT_MIN = 14
/** Pixels. Outside, letters are brought to the wanted height. */
const X_HEIGHT_MIN = 13
const X_HEIGHT_MAX = 32
const X_HEIGHT_WANTED = 22
const ENLARGE_MAX = 2.5
const PIXELS_MAX = 120e6
/** Upside down a page has 35, upright 92 and more. */
const CONFIDENCE_MIN = 70
const TURN_CONFIDENCE_MIN = 3
const TURN_CROP = 1200

/** Down to this share of the wanted size a page is rather read smaller than in bands. */
const SMALLER_MIN = 0.75

export interface Recognition {
  engine: Engine
  /** For working files. */
  folder: string
  /** For reader and engine together; null is no limit. */
  memoryBytesMax: number | null
  /** What the reader takes itself. */
  readerBytes: number
}

export async function recognisePage(recognition: Recognition, page: GrayFile): Promise<RecognisedWord[]> {
  const seen = await survey(page)
  if (seen.isBlank) return []
  const { image, factor } = await prepare(page, seen, recognition)
  const upright = await readStraight(recognition, image)
  const turned = needsTurn(upright) ? await readTurned(recognition, image, upright) : upright
  return turned.map((word) => scaleBack(word, factor))
}

/** Denoised, in a good size, clean. Two working files take turns. */
async function prepare(
  page: GrayFile,
  seen: Survey,
  recognition: Recognition,
): Promise<{ image: GrayFile; factor: number }> {
  const { folder } = recognition
  let image = page
  if (seen.noise > NOISE_MIN && (seen.xHeight ?? 0) >= DENOISE_X_HEIGHT_MIN) {
    image = await denoise(image, join(folder, 'denoised.pgm'))
  }
  const factor = fitFactor(page, sizeFactor(page, seen), recognition)
  if (factor !== 1) {
    image = await resize(image, factor, join(folder, 'resized.pgm'))
  }
  const light = factor === 1 ? seen : await survey(image)
  return { image: await cleanPage(image, light, join(folder, 'clean.pgm')), factor }
}

function sizeFactor({ width, height }: GrayFile, { xHeight }: Survey): number {
  if (xHeight === undefined || (xHeight >= X_HEIGHT_MIN && xHeight <= X_HEIGHT_MAX)) return 1
  return Math.min(X_HEIGHT_WANTED / xHeight, ENLARGE_MAX, Math.sqrt(PIXELS_MAX / (width * height)))
}

/** A little smaller, when then the page can be read as a whole. */
function fitFactor({ width, height }: GrayFile, factor: number, recognition: Recognition): number {
  const fitting = Math.sqrt(pixelsMax(recognition) / (width * height))
  return fitting < factor && fitting >= factor * SMALLER_MIN ? fitting : factor
}

function pixelsMax({ engine, memoryBytesMax, readerBytes }: Recognition): number {
  return pixelsWithin(memoryBytesMax, engine.kind, readerBytes)
}

async function readStraight(recognition: Recognition, image: GrayFile): Promise<RecognisedWord[]> {
  const shear = await findShear(image)
  if (!shear) return readFitting(recognition, image, 0)
  const straight = await straighten(image, shear, join(recognition.folder, 'straight.pgm'))
  const words = await readFitting(recognition, straight, shearAt(shear, image.height / 2))
  return words.map((word) => shearBack(word, shear, image.width))
}

/** As a whole; in bands when that takes too much memory, by reckoning or by experience. */
async function readFitting(recognition: Recognition, image: GrayFile, slant: number): Promise<RecognisedWord[]> {
  const { engine, folder, memoryBytesMax, readerBytes } = recognition
  const pixels = pixelsMax(recognition)
  if (image.width * image.height <= pixels) {
    try {
      return await engine.read(image)
    } catch (error) {
      if (engine.kind !== 'native' || !isMemoryDeath(error)) throw error
    }
  }
  const rows = Math.max(BAND_ROWS_MIN, Math.floor(Math.min(pixels, image.width * image.height * 0.5) / image.width))
  if (image.width * BAND_ROWS_MIN > pixels) {
    throw needsMore(image.width * BAND_ROWS_MIN, engine.kind, readerBytes, memoryBytesMax)
  }
  return readInBands(engine, image, rows, slant, folder)
}

function needsTurn(words: readonly RecognisedWord[]): boolean {
  const tall = words.filter((word) => word.height > word.width).length
  return words.length > 0 && ((meanConfidence(words) ?? 0) < CONFIDENCE_MIN || tall * 2 > words.length)
}

/** Reads again as the page should stand, and keeps what is more certain. */
async function readTurned(
  recognition: Recognition,
  image: GrayFile,
  before: RecognisedWord[],
): Promise<RecognisedWord[]> {
  const { engine, folder } = recognition
  const found = await engine.findTurn(await cropMiddle(image, TURN_CROP, join(folder, 'crop.pgm')))
  // Without data for orientation: a page that reads badly stands on its head more often than anything else.
  const guess: Turn = (meanConfidence(before) ?? 0) < CONFIDENCE_MIN ? 180 : 0
  const turn = found === undefined ? guess : found.confidence >= TURN_CONFIDENCE_MIN ? found.turn : 0
  if (turn === 0) return before
  const words = await readStraight(recognition, await turnPage(image, turn, join(folder, 'turned.pgm')))
  if ((meanConfidence(words) ?? 0) < (meanConfidence(before) ?? 0) - 5) return before
  return words.map((word) => ({ ...word, ...turnBack(word, turn, image) }))
}

function shearBack(word: RecognisedWord, shear: Shear, pageWidth: number): RecognisedWord {
  const middle = word.x + word.width / 2
  return { ...word, y: word.y + shearAt(shear, word.y + word.height / 2) * (middle - pageWidth / 2) }
}

function scaleBack(word: RecognisedWord, factor: number): RecognisedWord {
  const { x, y, width, height } = word
  return { ...word, x: x / factor, y: y / factor, width: width / factor, height: height / factor }
}
