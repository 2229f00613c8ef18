/**
 * Personas: instructions that somebody has saved for how answers are written. Of each person's at most one is active: chats
 * begin with it. They bear on the writing alone; what is checked in an answer is checked whatever they say.
 */
import { KnowBotError } from '../errors.ts'
import { uuidv7 } from '../lib/uuid.ts'
import type { Database, Reader, Transaction } from '../storage.ts'
import type { ListOptions, Page } from './chats.ts'
import type { Asker } from './scope.ts'

export interface PersonaView {
  id: string
  name: string
  instructions: string
  /** Chats begin with it. */
  active: boolean
  createdAt: number
}

export interface NewPersona {
  name: string
  instructions: string
  active?: boolean | undefined
}

export interface Personas {
  create(asker: Asker, persona: NewPersona): Promise<PersonaView>
  /** Newest first. */
  list(asker: Asker, options: ListOptions): Page<PersonaView>
  get(asker: Asker, personaId: string): PersonaView
  /** What is left out stays as it is. */
  change(asker: Asker, personaId: string, change: PersonaChange): Promise<PersonaView>
  /** Chats that had it have none from then on. */
  remove(asker: Asker, personaId: string): Promise<void>
}

type PersonaChange = { [K in keyof NewPersona]?: NewPersona[K] | undefined }

/** Nobody needs more, and each is a row that every list shows. */
const PERSONAS_MAX = 200

export function openPersonas(database: Database): Personas {
  return {
    create: (asker, persona) => database.write((tx) => insertPersona(tx, asker, persona)),
    list: (asker, options) => listPersonas(database, asker, options),
    get: (asker, personaId) => toView(findPersona(database, asker, personaId)),
    change: (asker, personaId, change) => database.write((tx) => changePersona(tx, asker, personaId, change)),
    remove: (asker, personaId) =>
      database.write((tx) => {
        tx.run('DELETE FROM personas WHERE id = ?', findPersona(tx, asker, personaId).rowId)
      }),
  }
}

interface PersonaRow {
  rowId: number
  id: string
  name: string
  instructions: string
  active: number
  createdAt: number
}

const PERSONA = 'id AS rowId, public_id AS id, name, instructions, is_active AS active, created_at AS createdAt'

function insertPersona(tx: Transaction, asker: Asker, { name, instructions, active = false }: NewPersona): PersonaView {
  const { userId } = asker
  const { count } = tx.get<{ count: number }>('SELECT count(*) AS count FROM personas WHERE owner_id = ?', userId)!
  if (count >= PERSONAS_MAX) {
    const message = `Expected at most ${PERSONAS_MAX} personas, and there are as many. Remove one first.`
    throw new KnowBotError('conflict', message)
  }
  if (active) deactivate(tx, asker)
  const row = { id: uuidv7(), name: name.trim(), instructions: instructions.trim(), createdAt: Date.now() }
  tx.run(
    'INSERT INTO personas (public_id, owner_id, name, instructions, is_active, created_at) VALUES (?, ?, ?, ?, ?, ?)',
    ...[row.id, userId, row.name, row.instructions, Number(active), row.createdAt],
  )
  return { ...row, active }
}

function listPersonas(reader: Reader, { userId }: Asker, { limit, cursor }: ListOptions): Page<PersonaView> {
  const rows = reader.all<PersonaRow>(
    `SELECT ${PERSONA} FROM personas WHERE owner_id = ?1
     AND (?2 IS NULL OR id < (SELECT id FROM personas WHERE public_id = ?2)) ORDER BY id DESC LIMIT ?3`,
    ...[userId, cursor ?? null, limit + 1],
  )
  const items = rows.slice(0, limit).map(toView)
  return { items, nextCursor: rows.length > limit ? items.at(-1)!.id : null }
}

function changePersona(tx: Transaction, asker: Asker, personaId: string, change: PersonaChange): PersonaView {
  const before = findPersona(tx, asker, personaId)
  const name = change.name?.trim() ?? before.name
  const instructions = change.instructions?.trim() ?? before.instructions
  const active = change.active ?? before.active === 1
  if (active && before.active === 0) deactivate(tx, asker)
  tx.run(
    'UPDATE personas SET name = ?, instructions = ?, is_active = ? WHERE id = ?',
    ...[name, instructions, Number(active), before.rowId],
  )
  return toView({ ...before, name, instructions, active: Number(active) })
}

function deactivate(tx: Transaction, { userId }: Asker): void {
  tx.run('UPDATE personas SET is_active = 0 WHERE owner_id = ? AND is_active = 1', userId)
}

function findPersona(reader: Reader, { userId }: Asker, personaId: string): PersonaRow {
  const row = reader.get<PersonaRow>(
    `SELECT ${PERSONA} FROM personas WHERE public_id = ? AND owner_id = ?`,
    ...[personaId, userId],
  )
  if (row) return row
  throw new KnowBotError('not_found', `There is no persona ${personaId}, or it is not yours.`)
}

/** Row id for a chat: of the one that is named, of none for null, of the active one when nothing is said. */
export function resolvePersona(reader: Reader, asker: Asker, personaId: string | null | undefined): number | null {
  if (personaId === null) return null
  if (personaId !== undefined) return findPersona(reader, asker, personaId).rowId
  const active = reader.get<{ id: number }>(
    'SELECT id FROM personas WHERE owner_id = ? AND is_active = 1',
    asker.userId,
  )
  return active?.id ?? null
}

/** What the persona of an answer's chat asks for, as it is now; an empty text where there is none. */
export function instructionsFor(reader: Reader, messageId: string | null): string {
  if (messageId === null) return ''
  const row = reader.get<{ instructions: string }>(
    `SELECT personas.instructions FROM messages JOIN chats ON chats.id = messages.chat_id
     JOIN personas ON personas.id = chats.persona_id WHERE messages.public_id = ?`,
    messageId,
  )
  return row?.instructions ?? ''
}

function toView({ rowId: _, active, ...row }: PersonaRow): PersonaView {
  return { ...row, active: active === 1 }
}
