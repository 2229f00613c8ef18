/** The index of meanings: what it was made with, how far it is, and what may be done with it. */
import * as v from 'valibot'
import { count, reason } from './values.ts'

export const IndexChange = v.strictObject({
  change: v.pipe(
    v.picklist(['build', 'rebuild', 'rollback', 'discard']),
    v.description(
      '`build`: make the vectors of the model that is set, also after a rollback, and ask a model that did not answer again now. `rebuild`: make them all anew, beside what answers meanwhile. `rollback`: back to the former model, or give up the one that is being built. `discard`: give up the way back, and its room on the disk.',
    ),
  ),
})

export const IndexStatus = v.strictObject({
  model: v.pipe(v.nullable(v.string()), v.description('What KNOWBOT_EMBEDDINGS names; null: found by words alone.')),
  passages: v.pipe(count, v.description('What can be found, by words at once.')),
  generations: v.pipe(
    v.array(
      v.strictObject({
        model: v.string(),
        state: v.picklist(['building', 'active', 'retired', 'discarded']),
        isSetAside: v.pipe(
          v.boolean(),
          v.description('Rolled back: it is not built again before somebody says `build`.'),
        ),
        dimension: v.pipe(v.nullable(count), v.description('Null until the first vector is there.')),
        passages: v.pipe(count, v.description('Those that have a vector of it.')),
        error: v.pipe(v.nullable(reason), v.description('The last trouble with the model, while it lasts.')),
      }),
    ),
    v.description('Oldest first. `active` answers questions; `retired` is kept for a rollback.'),
  ),
})
export type IndexStatusAnswer = v.InferOutput<typeof IndexStatus>
