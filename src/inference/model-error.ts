/** Trouble with a model server, and what it says of the next question. */
import { type ErrorCode, KnowBotError } from '../errors.ts'

/**
 * `passing`: the server has no time or place at the moment, and may have it in the next. `lasting`: asking again at once would
 * end the same way. `answer`: the server works; what it has against is this question or this answer.
 */
export type Trouble = 'passing' | 'lasting' | 'answer'

type ModelErrorCode = Extract<ErrorCode, `model_${string}`>

export class ModelError extends KnowBotError {
  declare readonly code: ModelErrorCode
  readonly trouble: Trouble

  constructor(
    code: ModelErrorCode,
    trouble: Trouble,
    message: string,
    options?: { cause?: unknown; retryAfterS?: number },
  ) {
    super(code, message, options)
    this.trouble = trouble
  }
}
