/** The jobs of a document: what they are called, and what reading costs. */
import type { Jobs } from '../jobs.ts'
import { KIB, SECOND_MS } from '../lib/units.ts'
import type { Transaction } from '../storage.ts'
import type { DocumentRow } from './store.ts'

export const READ = 'documents/read'
/** Reading what a web worker can read as well, where no other process can be started. */
export const READ_PLAIN = 'documents/read-plain'
export const PURGE = 'documents/purge'
export const TIDY = 'documents/tidy'

/** All jobs of one document are of one key: reading, tidying and purging never meet. */
export function jobKey(documentId: number): string {
  return `document:${documentId}`
}

export function queueReading(jobs: Jobs, tx: Transaction, document: DocumentRow, hasPassword: boolean): void {
  const payload = { documentId: document.id, hasPassword }
  const { ownerId } = document
  const task = isPlain(document) ? READ_PLAIN : READ
  jobs.enqueue(tx, { task, payload, key: jobKey(document.id), ownerId, costMs: costMsOf(document) })
}

/** Read in a few milliseconds, and in a few times its own size. */
export const PLAIN_BYTES_MAX = 256 * KIB

function isPlain({ type, bytes }: DocumentRow): boolean {
  return (type === 'text' || type === 'markdown') && bytes <= PLAIN_BYTES_MAX
}

export function queuePurge(jobs: Jobs, tx: Transaction, documentId: number, runAt: number): void {
  jobs.enqueue(tx, { task: PURGE, payload: { documentId }, key: jobKey(documentId), runAt })
}

export function queueTidying(jobs: Jobs, tx: Transaction, documentId: number): void {
  jobs.enqueue(tx, { task: TIDY, payload: { documentId }, key: jobKey(documentId) })
}

/** Roughly how long reading takes: an image is recognised in seconds, a scanned PDF has about 100 kB and 4 s a page. */
function costMsOf({ type, bytes }: DocumentRow): number {
  switch (type) {
    case 'text':
    case 'markdown':
    case 'html':
      return (bytes / (512 * KIB)) * SECOND_MS
    case 'png':
    case 'jpeg':
      return 8 * SECOND_MS
    case 'tiff':
    case 'pdf':
      return (bytes / (100 * KIB)) * 4 * SECOND_MS
  }
}
