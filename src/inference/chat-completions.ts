/**
 * OpenAI's Chat Completions, streamed: `POST {base}/chat/completions` answers server-sent events, each a JSON chunk with
 * `choices[0].delta.content`, the last one with a `finish_reason`, then `[DONE]`. What servers do differently: chunks without
 * choices (usage, keep-alive), `choices: null`, the reasoning in a field of its own, text in the chunk that ends, a
 * `finish_reason` in chunks before the last, no `[DONE]`, an `error` in the middle of the stream.
 */
import { countOf, firstOf, type Json, objectOf, textOf } from './json.ts'
import type { Chunk, StopReason, Usage, WireFormat } from './wire-format.ts'

export const CHAT_COMPLETIONS: WireFormat = {
  path: '/chat/completions',
  headers: (key) => (key === undefined ? {} : { authorization: `Bearer ${key}` }),
  body: (messages) => ({ messages }),
  read,
}

function read(event: Json): Chunk {
  if (event['error']) return { error: event['error'] }
  const choice = firstOf(event['choices'])
  const delta = objectOf(choice?.['delta'])
  const finishReason = textOf(choice?.['finish_reason'])
  return {
    text: textOf(delta?.['content']),
    // Named `reasoning_content` by DeepSeek and vLLM, `reasoning` by Groq, Ollama and OpenRouter.
    isThinking: textOf(delta?.['reasoning_content']) !== '' || textOf(delta?.['reasoning']) !== '',
    ...(finishReason === '' ? {} : { stop: STOP_REASONS[finishReason] ?? 'complete' }),
    // Groq sends it in a field of its own.
    usage: readUsage(objectOf(event['usage']) ?? objectOf(objectOf(event['x_groq'])?.['usage'])),
  }
}

const STOP_REASONS: Readonly<Record<string, StopReason>> = { length: 'length', content_filter: 'refusal' }

function readUsage(usage: Json | undefined): Partial<Usage> {
  const inputTokens = countOf(usage?.['prompt_tokens'])
  const written = countOf(usage?.['completion_tokens'])
  if (inputTokens === undefined || written === undefined) return {}
  // Google counts what the model thought in the total alone.
  const total = countOf(usage?.['total_tokens']) ?? 0
  return { inputTokens, outputTokens: Math.max(written, total - inputTokens) }
}
