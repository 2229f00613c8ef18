/** One page image to words, in pixels of that image. */
import type { Engine, RecognisedWord } from './engine.ts'
import { type GrayFile, GrayReader, GrayWriter } from './gray-file.ts'

export async function recognisePage(engine: Engine, page: GrayFile, folder: string): Promise<RecognisedWord[]> {
  await using reader = await GrayReader.open(page)
  await using writer = await GrayWriter.create(`${folder}/page.pgm`, page.width, page.height)
  for await (const { y, rows } of reader.pieces()) await writer.write(y, rows)
  return engine.read(writer.image)
}
