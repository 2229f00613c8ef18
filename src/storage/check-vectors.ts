/** Whether the vectors of a database are whole. They can be made again: what is wrong with them is told with the way to do that. */
import type { DatabaseSync } from 'node:sqlite'

/** Every vector must stand in a block once, and the generations must know of as many. Answers how many there are. */
export function checkVectors(connection: DatabaseSync, damage: string[]): number {
  const isThere = connection.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'vector_blocks'`).get() !== undefined
  if (!isThere) return 0 // Written by a program that had none.
  const { vectors, entries, told } = connection
    .prepare(
      `SELECT (SELECT count(*) FROM vectors) AS vectors, (SELECT coalesce(sum(entries), 0) FROM vector_blocks) AS entries,
         (SELECT coalesce(sum(passages), 0) FROM index_generations WHERE kind = 'vector') AS told`,
    )
    .get() as { vectors: number; entries: number; told: number }
  if (vectors !== entries || vectors !== told) {
    const what = `${vectors} vectors, ${entries} of them to be looked through, ${told} told of`
    damage.push(`vectors: ${what}. Have them made again: knowbot index rebuild`)
  }
  return vectors
}
