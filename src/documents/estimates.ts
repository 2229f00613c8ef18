/**
 * How far the estimate of a reading's memory lies from what such readings took: one factor for each type of document, kept in the
 * database. What took more than was reckoned counts at once and in full, what took less only by and by.
 */
import type { DocumentType } from '../extraction.ts'
import type { Reader, Transaction } from '../storage.ts'

/** One strange document must not make all others wait, nor let them be read in too little. */
const FACTOR_MIN = 0.7
const FACTOR_MAX = 1.5
const LEARNT_SHARE = 0.2

export function factorOf(reader: Reader, type: DocumentType): number {
  const row = reader.get<{ factor: number }>('SELECT factor FROM memory_estimates WHERE type = ?', type)
  return row?.factor ?? 1
}

/** A reading reckoned at so many bytes, without any factor, took so many. */
export function learn(tx: Transaction, type: DocumentType, reckonedBytes: number, tookBytes: number): void {
  if (tookBytes === 0) return // Nobody could see.
  const before = factorOf(tx, type)
  const seen = tookBytes / reckonedBytes
  const factor = seen > before ? seen : before + (seen - before) * LEARNT_SHARE
  tx.run(
    `INSERT INTO memory_estimates (type, factor, readings) VALUES (?1, ?2, 1)
     ON CONFLICT (type) DO UPDATE SET factor = ?2, readings = readings + 1`,
    type,
    Math.min(FACTOR_MAX, Math.max(FACTOR_MIN, factor)),
  )
}
