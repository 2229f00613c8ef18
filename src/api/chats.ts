/** Chats and their messages, as answers tell them. */
import * as v from 'valibot'
import { Citation, Mode, Range, Source, Step } from './answers.ts'
import { FeedbackValue } from './requests.ts'
import { count, id, listOf, reason, time } from './values.ts'

export const Chat = v.strictObject({
  id,
  title: v.pipe(v.string(), v.description('Without a title of its own, the first question.')),
  personaId: v.pipe(v.nullable(id), v.description('How its answers are written.')),
  createdAt: time,
  updatedAt: v.pipe(time, v.description('When something was asked last.')),
})
export type ChatAnswer = v.InferOutput<typeof Chat>
export const ChatList = listOf(
  v.strictObject({
    ...Chat.entries,
    excerpt: v.pipe(
      v.optional(v.nullable(v.string())),
      v.description(
        'With `query`: around what was found in the newest message that has all words; null where the title has.',
      ),
    ),
  }),
)
export const ChatCount = v.strictObject({ chats: v.pipe(count, v.description('How many it was.')) })

export const Message = v.strictObject({
  id,
  role: v.picklist(['user', 'assistant']),
  questionId: v.pipe(
    v.nullable(id),
    v.description('Of an answer: what it answers. A question may have several answers.'),
  ),
  editOf: v.pipe(v.nullable(id), v.description('Of a question: the one whose place it takes.')),
  content: v.pipe(v.string(), v.description('Sources are marked [n]. Empty as long as nothing of the answer is kept.')),
  state: v.pipe(
    v.picklist(['writing', 'complete', 'stopped', 'interrupted', 'failed']),
    v.description('`interrupted`: the process that wrote it died; it can be continued.'),
  ),
  steps: v.pipe(v.array(Step), v.description('What was done for the answer.')),
  sources: v.pipe(v.array(Source), v.description('What the answer was written from, as it stood then.')),
  citations: v.array(Citation),
  unsupported: v.pipe(v.array(Range), v.description('Ranges of the answer that no source bears out.')),
  notFound: v.boolean(),
  mode: v.pipe(v.nullable(Mode), v.description('Null for questions, and for answers that are being written.')),
  error: v.pipe(v.nullable(reason), v.description('What kept the answer from coming to its end.')),
  feedback: v.pipe(v.nullable(FeedbackValue), v.description('What I said of the answer.')),
  createdAt: time,
})
export type MessageAnswer = v.InferOutput<typeof Message>
export const MessageList = listOf(Message)
