/**
 * Pictures of pages that were drawn once, as files beside the database: `pictures/DOCUMENT/PAGE-WIDTH.jpg`. They can be drawn again,
 * so that nothing of them is kept for certain and no backup holds them. What was looked at longest ago goes first.
 */
import { rmSync } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MIB } from '../lib/units.ts'
import type { Storage } from '../storage.ts'

/** About 1,000 pages of scans, or 2,000 of text. */
const BYTES_MAX = 256 * MIB
/** Of the most: looked at after so much was added, and emptied by so much more than necessary. */
const STEP = 1 / 16

/** Open, so that it can be read whatever becomes of its name. Whoever has it closes it. */
export interface Picture {
  file: FileHandle
  bytes: number
}

export interface PictureCache {
  find(documentId: string, page: number, width: number): Promise<Picture | undefined>
  /** Takes the file over. Where the disk has no room to keep it, it is gone when it is closed. */
  keep(documentId: string, page: number, width: number, path: string): Promise<Picture>
  /** Acts at once, so that it can be part of a transaction. */
  remove(documentId: string): void
  /** Removes those of all documents but these. */
  sweep(isKept: (documentId: string) => boolean): Promise<void>
}

export function openPictureCache(
  { folder, space }: Pick<Storage, 'folder' | 'space'>,
  bytesMax = BYTES_MAX,
): PictureCache {
  const pictures = join(folder, 'pictures')
  const pathOf = (documentId: string, page: number, width: number) => join(pictures, documentId, `${page}-${width}.jpg`)
  let addedBytes = 0
  let isShrinking = false

  const shrinkNowAndThen = async (bytes: number) => {
    addedBytes += bytes
    if (isShrinking || addedBytes < bytesMax * STEP) return
    addedBytes = 0
    isShrinking = true
    await shrink(pictures, bytesMax, bytesMax * (1 - STEP)).finally(() => {
      isShrinking = false
    })
  }

  return {
    async find(documentId, page, width) {
      const file = await open(pathOf(documentId, page, width)).catch(() => undefined)
      if (!file) return undefined
      const now = new Date()
      await file.utimes(now, now)
      return { file, bytes: (await file.stat()).size }
    },
    async keep(documentId, page, width, from) {
      const file = await open(from)
      const { size: bytes } = await file.stat()
      if (await hasRoom(space, bytes)) {
        await mkdir(join(pictures, documentId), { recursive: true, mode: 0o700 })
        await rename(from, pathOf(documentId, page, width))
        await shrinkNowAndThen(bytes)
      } else await rm(from)
      return { file, bytes }
    },
    remove: (documentId) => rmSync(join(pictures, documentId), { recursive: true, force: true }),
    async sweep(isKept) {
      for (const documentId of await namesIn(pictures))
        if (!isKept(documentId)) await rm(join(pictures, documentId), { recursive: true, force: true })
    },
  }
}

async function hasRoom(space: Storage['space'], bytes: number): Promise<boolean> {
  try {
    await space.assertRoom(bytes)
    return true
  } catch {
    return false // A full disk is a reason to draw again, not to show nothing.
  }
}

/** Where they are more than `bytesMax`, those looked at longest ago are removed down to `targetBytes`. */
async function shrink(pictures: string, bytesMax: number, targetBytes: number): Promise<void> {
  const files: { path: string; bytes: number; usedAt: number }[] = []
  for (const documentId of await namesIn(pictures)) {
    for (const name of await namesIn(join(pictures, documentId))) {
      const path = join(pictures, documentId, name)
      const found = await statOf(path)
      if (found) files.push({ path, bytes: found.size, usedAt: found.mtimeMs })
    }
  }
  let sum = files.reduce((total, { bytes }) => total + bytes, 0)
  if (sum <= bytesMax) return
  for (const { path, bytes } of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (sum <= targetBytes) return
    await rm(path, { force: true })
    sum -= bytes
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []) // Nothing was drawn yet, or it was removed in this moment.
}

async function statOf(path: string) {
  return stat(path).catch(() => undefined)
}
