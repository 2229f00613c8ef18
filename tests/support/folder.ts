/** Fresh folders, with their storage where one is wanted, for tests of the components above it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { createLog, type Log } from '../../src/lib/log.ts'
import { uuidv7 } from '../../src/lib/uuid.ts'
import { migrate, openStorage, type Storage } from '../../src/storage.ts'

export interface Person {
  userId: number
  homeCollection: number
  readableCollections: readonly number[]
}

/** An empty folder that goes with the test. */
export function freshFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function freshStorage(t: TestContext, role: 'web' | 'job' = 'web', within = tmpdir()): Storage {
  const folder = mkdtempSync(join(within, 'knowbot-test-'))
  migrate(folder)
  const storage = openStorage(folder, { role })
  t.after(async () => {
    await storage[Symbol.asyncDispose]()
    rmSync(folder, { recursive: true, force: true })
  })
  return storage
}

/** A user with the collection that everybody has. */
export function addPerson(storage: Storage, name: string): Promise<Person> {
  return storage.database.write((tx) => {
    const userId = tx.run(
      `INSERT INTO users (public_id, kind, name, role, created_at) VALUES (?, 'person', ?, 'member', 0)`,
      uuidv7(),
      name,
    ).lastId
    const homeCollection = tx.run(
      `INSERT INTO collections (public_id, owner_id, name, created_at) VALUES (?, ?, 'Documents', 0)`,
      uuidv7(),
      userId,
    ).lastId
    return { userId, homeCollection, readableCollections: [homeCollection] }
  })
}

/** Keeps its lines instead of printing them. */
export function quietLog(lines: string[] = []): Log {
  return createLog({ write: (line) => void lines.push(line) })
}
