/**
 * Anthropic's Messages, streamed: `POST {base}/messages` answers server-sent events, each with its `type` in the JSON too:
 *
 *     message_start → (content_block_start → content_block_delta… → content_block_stop)… → message_delta… → message_stop
 *
 * The text comes in deltas of type `text_delta`, the reason to stop and what was written in `message_delta`, what was read in
 * `message_start`. `ping` may stand anywhere, `error` ends the stream. The system prompt is a field, not a message.
 */
import type { ChatMessage } from '../inference.ts'
import { countOf, type Json, objectOf, textOf } from './json.ts'
import type { Chunk, StopReason, Usage, WireFormat } from './wire-format.ts'

/** The only one since 2023; new kinds of events come without a new version. */
const VERSION = '2023-06-01'

export const ANTHROPIC_MESSAGES: WireFormat = {
  path: '/messages',
  headers: (key) => ({ 'anthropic-version': VERSION, ...(key === undefined ? {} : { 'x-api-key': key }) }),
  body,
  read,
}

function body(messages: readonly ChatMessage[]): Json {
  // A message without text is refused; two of the same side in a row are taken as one.
  const filled = messages.filter(({ content }) => content.trim() !== '')
  const system = filled.filter(({ role }) => role === 'system').map(({ content }) => content)
  return {
    ...(system.length === 0 ? {} : { system: system.join('\n\n') }),
    messages: filled.filter(({ role }) => role !== 'system'),
  }
}

function read(event: Json): Chunk {
  const delta = objectOf(event['delta'])
  switch (event['type']) {
    case 'message_start':
      return { usage: readUsage(objectOf(objectOf(event['message'])?.['usage'])) }
    case 'content_block_delta':
      // `thinking_delta`, and `signature_delta` where the thoughts themselves are kept back.
      return delta?.['type'] === 'text_delta' ? { text: textOf(delta['text']) } : { isThinking: true }
    case 'message_delta': {
      const stopReason = textOf(delta?.['stop_reason'])
      const usage = readUsage(objectOf(event['usage']))
      return stopReason === '' ? { usage } : { usage, stop: STOP_REASONS[stopReason] ?? 'complete' }
    }
    case 'message_stop':
      return { isEnd: true }
    case 'error':
      return { error: event['error'] ?? {} }
    default:
      return {}
  }
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
}

/** What came out of the cache, or went into it, was read as well. Figures of the output are of the whole answer so far. */
function readUsage(usage: Json | undefined): Partial<Usage> {
  const read = countOf(usage?.['input_tokens'])
  const cached = ['cache_read_input_tokens', 'cache_creation_input_tokens'].map((name) => countOf(usage?.[name]) ?? 0)
  const outputTokens = countOf(usage?.['output_tokens'])
  return {
    ...(read === undefined ? {} : { inputTokens: cached.reduce((sum, tokens) => sum + tokens, read) }),
    ...(outputTokens === undefined ? {} : { outputTokens }),
  }
}
