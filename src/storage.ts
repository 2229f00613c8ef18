/** What is kept: one SQLite file and the originals beside it, opened and closed together. */
import { join } from 'node:path'
import { type Blobs, openBlobs } from './storage/blobs.ts'
import { Database } from './storage/database.ts'
import { DATABASE_FILE } from './storage/migrate.ts'
import { openSpace, type Space } from './storage/space.ts'

export {
  type Manifest,
  restoreBackup,
  type Verification,
  verifyBackup,
  verifyFolder,
  writeBackup,
} from './storage/backup.ts'
export type { Blobs, BlobWriter } from './storage/blobs.ts'
export type { Database, Reader, Row, SqlValue, Transaction } from './storage/database.ts'
export { migrate } from './storage/migrate.ts'
export { LOW_WATER_BYTES, openSpace, type Space } from './storage/space.ts'
export { inspectVolume, isContainer, type Volume } from './storage/volume.ts'

export interface Storage extends AsyncDisposable {
  readonly folder: string
  /** Reads at once; writes through `database.write`, which resolves when the change is on disk. */
  readonly database: Database
  readonly blobs: Blobs
  readonly space: Space
}

export interface StorageOptions {
  /** `web` for whatever serves people, `job` for work in the background. */
  role: 'web' | 'job'
}

/** Opens a folder that `migrate` has prepared. */
export function openStorage(folder: string, { role }: StorageOptions): Storage {
  const space = openSpace(folder)
  const database = new Database(join(folder, DATABASE_FILE), { role, onFull: () => space.releaseReserve() })
  return {
    folder,
    database,
    blobs: openBlobs(folder),
    space,
    [Symbol.asyncDispose]: () => database.close(),
  }
}
