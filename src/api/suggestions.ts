/** Questions that the documents answer, offered to whoever does not know what to ask. */
import * as v from 'valibot'
import { id } from './values.ts'

export const Suggestions = v.strictObject({
  questions: v.pipe(
    v.array(
      v.strictObject({
        question: v.string(),
        documentId: v.pipe(id, v.description('Where its answer was found.')),
        name: v.string(),
      }),
    ),
    v.description('At most three; each was asked, and is surely answered.'),
  ),
})
export type SuggestionsAnswer = v.InferOutput<typeof Suggestions>
