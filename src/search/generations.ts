/**
 * Generations of the vector index. One is what a model of a dimension makes of all passages:
 *
 *     building ── every document is there ──> active ── a newer one is ──> retired ── a newer one is ──> discarded
 *        ^                                      │ ^                           │
 *        └── the model was set again ───────────┼─┴────── rolled back ────────┘
 *                                               └── set aside: retired, and not built again by itself
 *
 * At most one is active and at most one is building. Questions look at the active one alone; who wins is decided in one
 * transaction, so that no question sees half of a change. Discarded is a mark: the vectors go in steps, in the background.
 */
import { KnowBotError } from '../errors.ts'
import type { Reader, Transaction } from '../storage.ts'

export interface Generation {
  id: number
  /** The model, as people set it. */
  model: string
  state: 'building' | 'active' | 'retired'
  /** Null until the first vector is there. */
  dimension: number | null
  /** Of the first vectors; see vector-codes.ts. */
  centre: Uint8Array | null
  /** Vectors that are there. */
  passages: number
  isSetAside: boolean
  isDiscarded: boolean
  failures: number
  errorCode: string | null
  errorMessage: string | null
  createdAt: number
}

const COLUMNS = `id, version AS model, state, dimension, centre, passages, set_aside_at IS NOT NULL AS isSetAside,
  discarded_at IS NOT NULL AS isDiscarded, failures, error_code AS errorCode, error_message AS errorMessage,
  created_at AS createdAt`

/** Oldest first. */
export function readGenerations(reader: Reader): Generation[] {
  return reader
    .all<Generation>(`SELECT ${COLUMNS} FROM index_generations WHERE kind = 'vector' ORDER BY id`)
    .map((row) => ({ ...row, isSetAside: Boolean(row.isSetAside), isDiscarded: Boolean(row.isDiscarded) }))
}

export function activeGeneration(reader: Reader): Generation | undefined {
  return reader.get<Generation>(`SELECT ${COLUMNS} FROM index_generations WHERE kind = 'vector' AND state = 'active'`)
}

export function generationById(reader: Reader, id: number): Generation | undefined {
  return reader.get<Generation>(`SELECT ${COLUMNS} FROM index_generations WHERE id = ?`, id)
}

/** What the setting asks for: nothing to do where the model is active or being built, and not where people set it aside. */
export function planGeneration(tx: Transaction, model: string, now: number): void {
  const generations = readGenerations(tx)
  const isBuilding = generations.some((one) => one.state === 'building' && one.model === model)
  for (const { id, state, model: other } of generations) {
    if (state === 'building' && other !== model) discard(tx, id, now)
  }
  if (isBuilding) return
  if (generations.some((one) => one.state === 'active' && one.model === model)) {
    // Whoever sets the former model again has a new wish: what was set aside may be built when it is set again.
    tx.run(`UPDATE index_generations SET set_aside_at = NULL WHERE kind = 'vector'`)
    return
  }
  const former = generations.find((one) => one.state === 'retired' && one.model === model && !one.isDiscarded)
  if (former?.isSetAside) return
  if (former) tx.run(`UPDATE index_generations SET state = 'building' WHERE id = ?`, former.id)
  else beginGeneration(tx, model, now)
}

/** From nothing, beside what answers meanwhile. */
export function rebuild(tx: Transaction, model: string, now: number): void {
  for (const { id, state } of readGenerations(tx)) if (state === 'building') discard(tx, id, now)
  beginGeneration(tx, model, now)
}

/** Whoever asks for it does not want it set aside any more. */
export function takeUp(tx: Transaction, model: string, now: number): void {
  tx.run(
    `UPDATE index_generations SET set_aside_at = NULL, failures = 0, error_code = NULL WHERE kind = 'vector' AND version = ?`,
    model,
  )
  planGeneration(tx, model, now)
}

export function beginGeneration(tx: Transaction, model: string, now: number): void {
  tx.run(
    `INSERT INTO index_generations (kind, version, state, created_at) VALUES ('vector', ?, 'building', ?)`,
    model,
    now,
  )
}

/** The one that was being built answers from now on; the one before is kept for a way back, older ones are not. */
export function activate(tx: Transaction, id: number, now: number): void {
  for (const one of readGenerations(tx)) {
    if (one.state === 'retired' && one.id !== id) discard(tx, one.id, now)
  }
  tx.run(`UPDATE index_generations SET state = 'retired' WHERE kind = 'vector' AND state = 'active'`)
  tx.run(`UPDATE index_generations SET state = 'active', failures = 0, error_code = NULL WHERE id = ?`, id)
}

/**
 * Back to what was: a build that goes on is given up, else the former generation takes the place of the active one. Answers the
 * model that answers now, null for words alone. Throws `conflict` where there is no way back.
 */
export function rollBack(tx: Transaction, now: number): string | null {
  const generations = readGenerations(tx)
  const active = generations.find(({ state }) => state === 'active')
  const building = generations.find(({ state }) => state === 'building')
  if (building) {
    setAside(tx, building.id, now)
    return active?.model ?? null
  }
  const former = generations.findLast((one) => one.state === 'retired' && !one.isDiscarded && !one.isSetAside)
  if (!active || !former) {
    throw new KnowBotError('conflict', 'There is no former generation of the vector index to go back to.')
  }
  setAside(tx, active.id, now)
  tx.run(`UPDATE index_generations SET state = 'active', failures = 0, error_code = NULL WHERE id = ?`, former.id)
  return former.model
}

function setAside(tx: Transaction, id: number, now: number): void {
  tx.run(`UPDATE index_generations SET state = 'retired', set_aside_at = ? WHERE id = ?`, now, id)
}

export function discard(tx: Transaction, id: number, now: number): void {
  tx.run(
    `UPDATE index_generations SET state = 'retired', discarded_at = coalesce(discarded_at, ?) WHERE id = ?`,
    now,
    id,
  )
}

/** What is kept for a way back, and nothing else. Answers how many generations go. */
export function discardRetired(tx: Transaction, now: number): number {
  return tx.run(
    `UPDATE index_generations SET discarded_at = ? WHERE kind = 'vector' AND state = 'retired' AND discarded_at IS NULL`,
    now,
  ).changes
}

export function noteTrouble(tx: Transaction, id: number, error: KnowBotError): void {
  tx.run(
    'UPDATE index_generations SET failures = failures + 1, error_code = ?, error_message = ? WHERE id = ?',
    error.code,
    error.message,
    id,
  )
}
