/** The vector index as those see it who fill it, look after it and tell about it. */
import { KnowBotError } from '../errors.ts'
import type { Embedders } from '../inference.ts'
import type { Reader, Transaction } from '../storage.ts'
import { type EmbeddingOutcome, type EmbeddingRun, embedWhatIsMissing, isVectorWorkLeft } from './embedding.ts'
import { discardRetired, planGeneration, readGenerations, rebuild, rollBack, takeUp } from './generations.ts'

export interface VectorIndex {
  /** Makes the generations agree with the model that is set. Where none is set, nothing changes. */
  plan(tx: Transaction): void
  /** Whether there are generations that new documents belong to, or that are to be taken away. */
  isInUse(reader: Reader): boolean
  /** Whether documents wait for their vectors, or vectors to be taken away. */
  isWorkLeft(reader: Reader): boolean
  /** Works on what is left until nothing is, others wait, or the model does not answer. */
  embed(run: EmbeddingRun): Promise<EmbeddingOutcome>
  status(): VectorStatus
  /** Throws `conflict` where no model is set. */
  build(tx: Transaction): void
  /** The same from nothing, for vectors that are damaged. */
  rebuild(tx: Transaction): void
  /** See `generations.ts`. Throws `conflict` where there is no way back. */
  rollBack(tx: Transaction): void
  /** Gives up the way back, and its room on the disk. */
  discard(tx: Transaction): void
}

export interface VectorStatus {
  /** The model that is set. */
  model: string | null
  /** Passages that people find. */
  passages: number
  generations: GenerationStatus[]
}

export interface GenerationStatus {
  model: string
  /** `discarded`: its vectors are being taken away. */
  state: 'building' | 'active' | 'retired' | 'discarded'
  /** Rolled back by a person: not built again before they say so. */
  isSetAside: boolean
  dimension: number | null
  /** With a vector. */
  passages: number
  /** The last trouble with the model, while it lasts. */
  error: { code: string; message: string } | null
}

export function openVectorIndex(reader: Reader, embedders: Embedders | undefined): VectorIndex {
  const embedderOf = (model: string) => embedders?.of(model)
  return {
    plan(tx) {
      if (embedders) planGeneration(tx, embedders.name, Date.now())
    },
    isInUse: (within) =>
      readGenerations(within).some(({ state, model, isDiscarded }) => {
        return isDiscarded || (state !== 'retired' && embedderOf(model) !== undefined)
      }),
    isWorkLeft: (within) => isVectorWorkLeft(within, embedderOf),
    embed: (run) => embedWhatIsMissing(reader, embedderOf, run),
    status: () => ({
      model: embedders?.name ?? null,
      passages: countPassages(reader),
      generations: readGenerations(reader).map((one) => ({
        model: one.model,
        state: one.isDiscarded ? 'discarded' : one.state,
        isSetAside: one.isSetAside,
        dimension: one.dimension,
        passages: one.passages,
        error: one.errorCode === null ? null : { code: one.errorCode, message: one.errorMessage ?? '' },
      })),
    }),
    build: (tx) => takeUp(tx, needed(embedders).name, Date.now()),
    rebuild: (tx) => rebuild(tx, needed(embedders).name, Date.now()),
    rollBack: (tx) => void rollBack(tx, Date.now()),
    discard: (tx) => void discardRetired(tx, Date.now()),
  }
}

function needed(embedders: Embedders | undefined): Embedders {
  if (embedders) return embedders
  throw new KnowBotError('conflict', 'No embedding model is set. Set KNOWBOT_EMBEDDINGS and start again.')
}

function countPassages(reader: Reader): number {
  return reader.get<{ sum: number }>(
    'SELECT coalesce(sum(passages), 0) AS sum FROM documents WHERE deleted_at IS NULL AND reading_id IS NOT NULL',
  )!.sum
}
