/**
 * A page as 8-bit gray rows in an uncompressed file (0 black, 255 white), so that no step holds the page in memory.
 * Written as PGM (`P5\nWIDTH HEIGHT\n255\n`, then the rows), which text recognition reads as it is.
 */
import { type FileHandle, open } from 'node:fs/promises'

export interface GrayFile {
  path: string
  /** Of the first row in the file. */
  offset: number
  width: number
  height: number
}

/** Rows are moved in pieces of this size: large enough for few calls, small enough to be no part of the memory plan. */
const PIECE_BYTES = 512 * 1024

export class GrayReader {
  readonly image: GrayFile
  readonly #file: FileHandle

  private constructor(image: GrayFile, file: FileHandle) {
    this.image = image
    this.#file = file
  }

  static async open(image: GrayFile): Promise<GrayReader> {
    return new GrayReader(image, await open(image.path))
  }

  /** Rows from `y` on into `rows`, whose length is a multiple of the width. */
  async read(y: number, rows: Uint8Array): Promise<void> {
    await this.#fill(this.image.offset + y * this.image.width, rows)
  }

  /** A part of one row. */
  async readPart(x: number, y: number, part: Uint8Array): Promise<void> {
    await this.#fill(this.image.offset + y * this.image.width + x, part)
  }

  /** All rows from the top, in pieces that are valid until the next one. */
  async *pieces(
    rowsMax = rowsPerPiece(this.image.width),
  ): AsyncIterable<{ y: number; rows: Uint8Array; count: number }> {
    const { width, height } = this.image
    const buffer = new Uint8Array(rowsMax * width)
    for (let y = 0; y < height; y += rowsMax) {
      const count = Math.min(rowsMax, height - y)
      const rows = buffer.subarray(0, count * width)
      await this.read(y, rows)
      yield { y, rows, count }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }

  async #fill(position: number, into: Uint8Array): Promise<void> {
    let filled = 0
    while (filled < into.length) {
      const { bytesRead } = await this.#file.read(into, filled, into.length - filled, position + filled)
      if (bytesRead === 0) throw new Error(`The rows of ${this.image.path} break off.`)
      filled += bytesRead
    }
  }
}

export class GrayWriter {
  readonly image: GrayFile
  readonly #file: FileHandle

  private constructor(image: GrayFile, file: FileHandle) {
    this.image = image
    this.#file = file
  }

  static async create(path: string, width: number, height: number): Promise<GrayWriter> {
    const header = Buffer.from(`P5\n${width} ${height}\n255\n`)
    const file = await open(path, 'w')
    await file.write(header, 0, header.length, 0)
    return new GrayWriter({ path, offset: header.length, width, height }, file)
  }

  /** Rows from `y` on; `rows` is a multiple of the width long. */
  async write(y: number, rows: Uint8Array): Promise<void> {
    await this.#put(this.image.offset + y * this.image.width, rows)
  }

  async #put(position: number, bytes: Uint8Array): Promise<void> {
    let written = 0
    while (written < bytes.length) {
      written += (await this.#file.write(bytes, written, bytes.length - written, position + written)).bytesWritten
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}

export function rowsPerPiece(width: number): number {
  return Math.max(1, Math.min(256, Math.floor(PIECE_BYTES / width)))
}
