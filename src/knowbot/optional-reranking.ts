/** The order by a model is the first that is left out for want of memory, with the suggested questions: without it there is an order too. */
import { KnowBotError } from '../errors.ts'
import type { Reranker } from '../inference.ts'

/** The same model, which is not asked while it is to be left out: whoever asks is told why, as when it does not answer. */
export function rerankOptionally(reranker: Reranker, isLeftOut: () => boolean): Reranker {
  return {
    name: reranker.name,
    async rerank(...request) {
      if (isLeftOut()) throw new KnowBotError('overloaded', 'Memory is short, so the model was not asked for an order.')
      return reranker.rerank(...request)
    },
  }
}
