/**
 * A data folder as one file, and back.
 *
 * The file is a plain tar: `manifest.json` first (what is inside, with the SHA-256 of the database), then the database as one
 * moment saw it, then the originals, which are named by their SHA-256. Any `tar` can open it, and every byte of it is checked.
 *
 * A server may run meanwhile. The database is copied as one reader sees it, whatever others write; before that, every
 * original gets a second name (a hard link) in a staging folder, so that none of those the copy names can be removed in between.
 */
import { createHash } from 'node:crypto'
import { createReadStream, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { copyFile, link, mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite'
import { KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'
import { backupFolderName, openBlobs } from './blobs.ts'
import { checkVectors } from './check-vectors.ts'
import { DATABASE_FILE, SCHEMA } from './migrate.ts'

const MANIFEST = 'manifest.json'
const ORIGINALS = 'originals'
const FORMAT = 1
/** What a fresh ext4 volume holds by itself. */
const VOLUME_ROOT = 'lost+found'
/** Pages of the database copied at a time, so that whoever stops the command does not wait for the whole. */
const PAGES_PER_STEP = 500

export interface Manifest {
  format: typeof FORMAT
  createdAt: string
  schema: number
  database: { bytes: number; sha256: string }
  originals: { count: number; bytes: number }
}

/** What a check found; `damage` is empty when everything is as it was written. */
export interface Verification {
  documents: number
  originals: number
  bytes: number
  /** Of passages, of all generations. */
  vectors: number
  damage: readonly string[]
}

/** Writes the folder into a new file. The file appears under its name when it is whole and on disk. */
export async function writeBackup(folder: string, file: string): Promise<Manifest> {
  if (existsSync(file)) throw refused(`${file} is there already. Name a new file, or move the old one away.`)
  if (!existsSync(join(folder, DATABASE_FILE)))
    throw refused(`${folder} is no data folder: there is no ${DATABASE_FILE} in it.`)
  const staging = join(folder, 'temporary', backupFolderName())
  const target = resolve(file)
  const aside = `${target}.part`
  if (!existsSync(dirname(target))) throw refused(`There is no folder ${dirname(target)} to write the backup into.`)
  try {
    const manifest = await stage(folder, staging)
    const { create } = await import('tar')
    await rm(aside, { force: true }) // What a killed one left may have other rights.
    // Hashes of passwords and what people uploaded: for the eyes of whoever may read the data folder.
    const options = { file: aside, mode: 0o600, cwd: staging, portable: true, strict: true }
    await create(options, [MANIFEST, DATABASE_FILE, ORIGINALS])
    await sync(aside)
    await rename(aside, target)
    await sync(dirname(target))
    return manifest
  } catch (error) {
    throw fullOrSame(error)
  } finally {
    await removeStaging(staging)
    await rm(aside, { force: true })
  }
}

/** Unpacks and checks the file, and only then makes it the data folder, which must be new or empty. */
export async function restoreBackup(file: string, folder: string): Promise<Verification> {
  const target = resolve(folder)
  const isThere = existsSync(target)
  if (isThere && readdirSync(target).some((name) => name !== VOLUME_ROOT)) {
    throw refused(`${folder} is not empty. Name a new folder with --data, or move the old one away first.`)
  }
  // A folder that is there may be a volume, which cannot be replaced and is the one place that has the room.
  const staging = isThere ? join(target, `restoring-${uuidv7()}`) : `${target}.restoring-${uuidv7()}`
  try {
    const { manifest, ...found } = await unpack(file, staging)
    if (manifest.schema > SCHEMA) {
      const message = `${basename(file)} has schema ${manifest.schema}, this program knows up to ${SCHEMA}. Restore it with the newer version.`
      throw new KnowBotError('storage_newer', message)
    }
    if (found.damage.length > 0) throw damaged(file, found.damage)
    // Checking has read the database, which leaves files of its log beside it with nothing in them.
    for (const name of [MANIFEST, `${DATABASE_FILE}-wal`, `${DATABASE_FILE}-shm`])
      await rm(join(staging, name), { force: true })
    await syncTree(staging)
    if (isThere) await moveInto(staging, target)
    else await rename(staging, target)
    await sync(isThere ? target : dirname(target))
    return found
  } catch (error) {
    throw fullOrSame(error)
  } finally {
    await removeStaging(staging)
  }
}

/** The database comes last: a folder without one is no data folder, so that half of a restore is not taken for the whole. */
async function moveInto(staging: string, target: string): Promise<void> {
  const names = (await readdir(staging)).filter((name) => name !== DATABASE_FILE)
  for (const name of [...names, DATABASE_FILE]) await rename(join(staging, name), join(target, name))
}

async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    await (entry.isDirectory() ? syncTree(path) : sync(path))
  }
  await sync(folder)
}

/** Unpacks the file beside itself, where there is room for such things, checks every byte, and leaves nothing. */
export async function verifyBackup(file: string): Promise<Verification> {
  const staging = `${resolve(file)}.verifying-${uuidv7()}`
  try {
    const { manifest: _, ...found } = await unpack(file, staging)
    return found
  } catch (error) {
    throw fullOrSame(error)
  } finally {
    await removeStaging(staging)
  }
}

/** The database, its index and the originals of a folder, whether a server runs on it or not. */
export async function verifyFolder(folder: string): Promise<Verification> {
  const path = join(folder, DATABASE_FILE)
  if (!existsSync(path)) throw refused(`${folder} is no data folder: there is no ${DATABASE_FILE} in it.`)
  const { damage, vectors } = checkDatabase(path)
  const found = await checkOriginals(folder, path, damage)
  return { documents: countDocuments(path), ...found, vectors, damage }
}

async function stage(folder: string, staging: string): Promise<Manifest> {
  await mkdir(join(staging, ORIGINALS), { recursive: true, mode: 0o700 })
  const blobs = openBlobs(folder)
  for await (const sha256 of blobs.list()) await keepName(blobs.path(sha256), originalPath(staging, sha256))

  const copy = join(staging, DATABASE_FILE)
  const source = new DatabaseSync(join(folder, DATABASE_FILE), { readOnly: true, timeout: 5000 })
  try {
    // One moment from the first page to the last. Without the open transaction SQLite begins again whenever somebody has
    // written between two steps, and beside a server that writes it would never end (sqlite.org/backup.html).
    source.exec('BEGIN; SELECT count(*) FROM sqlite_schema')
    await copyDatabase(source, copy, { rate: PAGES_PER_STEP })
  } finally {
    source.close()
  }
  // What arrived between the links and the copy: its file is there before its row.
  const named = namedOriginals(copy)
  for (const sha256 of named) await keepName(blobs.path(sha256), originalPath(staging, sha256))

  let bytes = 0
  for (const sha256 of named) bytes += (await stat(originalPath(staging, sha256)).catch(() => ({ size: 0 }))).size
  const manifest: Manifest = {
    format: FORMAT,
    createdAt: new Date().toISOString(),
    schema: schemaOf(copy),
    database: { bytes: (await stat(copy)).size, sha256: await hashFile(copy) },
    originals: { count: named.length, bytes },
  }
  await writeFile(join(staging, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`)
  return manifest
}

/** A second name for the same bytes; a copy where the file system has no hard links. Nothing when the original has gone. */
async function keepName(from: string, to: string): Promise<void> {
  mkdirSync(dirname(to), { recursive: true, mode: 0o700 })
  try {
    await link(from, to)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOENT') return
    await copyFile(from, to)
  }
}

async function unpack(file: string, staging: string): Promise<Verification & { manifest: Manifest }> {
  if (!existsSync(file)) throw new KnowBotError('not_found', `There is no file ${file}.`)
  await mkdir(staging, { recursive: true, mode: 0o700 })
  const { extract } = await import('tar')
  try {
    // Names that leave the folder are refused by the library; anything but files and folders is left out.
    await extract({
      file,
      cwd: staging,
      strict: true,
      filter: (_path, entry) => !('type' in entry) || isPlain(entry.type),
    })
  } catch (error) {
    if (isFull(error)) throw error
    throw damaged(file, [`it cannot be unpacked (${(error as Error).message})`])
  }
  const manifest = await readManifest(file, staging)
  const path = join(staging, DATABASE_FILE)
  if (!existsSync(path)) throw damaged(file, ['the database is missing'])
  // A database with other bytes is not even opened.
  if ((await hashFile(path)) !== manifest.database.sha256) throw damaged(file, ['the database is not what was written'])
  const { damage, vectors } = checkDatabase(path)
  const found = await checkOriginals(staging, path, damage)
  return { manifest, documents: countDocuments(path), ...found, vectors, damage }
}

function isPlain(type: string): boolean {
  return type === 'File' || type === 'OldFile' || type === 'Directory'
}

async function readManifest(file: string, staging: string): Promise<Manifest> {
  const text = await readFile(join(staging, MANIFEST), 'utf8').catch(() => undefined)
  const manifest = text === undefined ? undefined : parseManifest(text)
  if (manifest?.format === FORMAT) return manifest
  throw refused(`${basename(file)} is no backup of KnowBot, or one of a newer version.`)
}

function parseManifest(text: string): Manifest | undefined {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Damaged or foreign: the caller says so.
  }
}

/** The pages of the database, its references, the full-text index, and the vectors. */
function checkDatabase(path: string): { damage: string[]; vectors: number } {
  const connection = new DatabaseSync(path, { timeout: 5000 })
  try {
    const pages = connection.prepare('PRAGMA integrity_check(20)').all() as { integrity_check: string }[]
    const references = connection.prepare('PRAGMA foreign_key_check').all()
    const damage = [
      ...pages
        .filter(({ integrity_check: said }) => said !== 'ok')
        .map(({ integrity_check: said }) => `database: ${said}`),
      ...(references.length > 0 ? [`database: ${references.length} rows refer to what is not there`] : []),
    ]
    return { damage, vectors: checkVectors(connection, damage) }
  } catch (error) {
    return { damage: [`the database cannot be read (${(error as Error).message})`], vectors: 0 }
  } finally {
    connection.close()
  }
}

async function checkOriginals(
  folder: string,
  database: string,
  damage: string[],
): Promise<{ originals: number; bytes: number }> {
  let bytes = 0
  let originals = 0
  for (const sha256 of namedOriginals(database)) {
    const found = await checkOriginal(originalPath(folder, sha256), sha256)
    // A server may run on the folder: what was purged since the list was made is not missing.
    if (found === 'missing' && !isNamed(database, sha256)) continue
    originals++
    if (typeof found === 'number') bytes += found
    else damage.push(`original ${sha256} is ${found}`)
  }
  return { originals, bytes }
}

/** Its size when it is what its name says. */
async function checkOriginal(path: string, sha256: string): Promise<number | 'missing' | 'not what was written'> {
  try {
    if ((await hashFile(path)) !== sha256) return 'not what was written'
    return (await stat(path)).size
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'missing'
    throw error
  }
}

function namedOriginals(path: string): string[] {
  return query<{ sha256: string }>(path, 'SELECT DISTINCT sha256 FROM documents ORDER BY sha256').map(
    ({ sha256 }) => sha256,
  )
}

function isNamed(path: string, sha256: string): boolean {
  return query(path, 'SELECT 1 FROM documents WHERE sha256 = ? LIMIT 1', sha256).length > 0
}

function countDocuments(path: string): number {
  return query<{ count: number }>(path, 'SELECT count(*) AS count FROM documents WHERE deleted_at IS NULL')[0]!.count
}

function schemaOf(path: string): number {
  return query<{ user_version: number }>(path, 'PRAGMA user_version')[0]!.user_version
}

function query<T>(path: string, sql: string, ...values: string[]): T[] {
  const connection = new DatabaseSync(path, { readOnly: true, timeout: 5000 })
  try {
    return connection.prepare(sql).all(...values) as T[]
  } finally {
    connection.close()
  }
}

function originalPath(folder: string, sha256: string): string {
  return openBlobs(folder).path(sha256)
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, 'r')
  await handle.sync()
}

/** What was unpacking when it failed may still be writing a file or two: then the folder is not empty at the first try. */
function removeStaging(staging: string): Promise<void> {
  return rm(staging, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 })
}

function isFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException
  return code === 'ENOSPC' || code === 'EDQUOT'
}

function fullOrSame(error: unknown): unknown {
  if (!isFull(error)) return error
  return new KnowBotError('disk_full', 'The disk is full. Free some space, or name a place on another disk.', {
    cause: error,
  })
}

function refused(message: string): KnowBotError {
  return new KnowBotError('conflict', message)
}

function damaged(file: string, damage: readonly string[]): KnowBotError {
  return new KnowBotError(
    'storage_damaged',
    `${basename(file)} is damaged: ${damage.slice(0, 5).join('; ')}. Use another backup.`,
  )
}
