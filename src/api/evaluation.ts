/** Answers pinned as tests, and what came of running them. */
import * as v from 'valibot'
import { id, listOf, pageNumber, time } from './values.ts'

const WORDS_CHARACTERS_MAX = 500
const words = v.pipe(v.string(), v.maxLength(WORDS_CHARACTERS_MAX), v.regex(/\S/, 'Expected some words, got none'))

export const PinRequest = v.strictObject({
  mustContain: v.optional(
    v.pipe(
      v.array(words),
      v.maxLength(20),
      v.description('Each has to stand in the answer. Case and signs do not matter.'),
    ),
  ),
})

export const RunTestsRequest = v.strictObject({
  mode: v.optional(
    v.pipe(
      v.picklist(['quotes', 'model']),
      v.description('`model` has the answers written, at its price; `quotes` by default.'),
    ),
  ),
})

export const Test = v.strictObject({
  id,
  question: v.string(),
  document: v.pipe(v.nullable(v.string()), v.description('Name of the document that the answer is in.')),
  page: v.nullable(pageNumber),
  passage: v.pipe(v.nullable(v.string()), v.description('What has to be quoted.')),
  mustContain: v.array(v.string()),
  mustRefuse: v.pipe(v.boolean(), v.description('The documents do not answer it, and that has to be said.')),
  isPassed: v.pipe(v.nullable(v.boolean()), v.description('Null until it is run.')),
  reasons: v.pipe(v.array(v.string()), v.description('Why it failed: what was expected, and what came.')),
  ranAt: v.nullable(time),
  createdAt: time,
})
export type TestAnswer = v.InferOutput<typeof Test>
export const TestList = listOf(Test)
