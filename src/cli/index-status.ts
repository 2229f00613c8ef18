/** `knowbot index`: the index of meanings, its state and its way back. */
import type { IndexStatusAnswer } from '../api.ts'
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { openLocalServer } from './local-server.ts'
import { printJson, printLine } from './print.ts'

const CHANGES = ['build', 'rebuild', 'rollback', 'discard']

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const [action = 'status', ...more] = positionals
  if ((action !== 'status' && !CHANGES.includes(action)) || more.length > 0) {
    throw new KnowBotError('usage', 'Usage: knowbot index [status|build|rebuild|rollback|discard]')
  }
  await using server = await openLocalServer(config)
  const status =
    action === 'status'
      ? await server.call<IndexStatusAnswer>('GET', '/api/index')
      : await server.call<IndexStatusAnswer>('POST', '/api/index', { change: action })
  if (flags['json']) printJson(status)
  else for (const line of describe(status)) printLine(line)
  return 0
}

function describe({ model, passages, generations }: IndexStatusAnswer): string[] {
  const set = model ?? 'none set, found by words alone (KNOWBOT_EMBEDDINGS)'
  return [
    `model: ${set}`,
    `passages: ${passages}`,
    ...generations.flatMap((one) => {
      const share = passages === 0 ? 100 : Math.floor((100 * one.passages) / passages)
      const aside = one.isSetAside ? ', set aside: knowbot index build takes it up again' : ''
      const size = one.dimension === null ? '' : `, ${one.dimension} numbers each`
      const line = `${one.state}: ${one.model}, ${one.passages} vectors (${Math.min(100, share)} %)${size}${aside}`
      return one.error ? [line, `  waits: ${one.error.message}`] : [line]
    }),
  ]
}
