/** `knowbot key`: API keys from the shell. A new key is printed once and kept nowhere but as a hash. */
import type { KeyAnswer } from '../api.ts'
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { openLocalServer } from './local-server.ts'
import { printJson, printLine, printTable } from './print.ts'
import { find } from './user.ts'

const USAGE = 'Usage: knowbot key new NAME [--user NAME] | key list | key revoke ID'

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const [action, name] = positionals
  if (action !== 'list' && !name) throw new KnowBotError('usage', USAGE)
  await using server = await openLocalServer(config)
  switch (action) {
    case 'new': {
      const owner = typeof flags['user'] === 'string' ? { userId: (await find(server, flags['user'])).id } : {}
      const created = await server.call<KeyAnswer & { key: string }>('POST', '/api/keys', { name, ...owner })
      if (flags['json']) printJson(created)
      else printLine(created.key)
      return 0
    }
    case 'list': {
      const { items } = await server.call<{ items: KeyAnswer[] }>('GET', '/api/keys?limit=100')
      if (flags['json']) printJson(items)
      else
        printTable(
          items.map(({ id, name, lastUsedAt }) => [id, name, lastUsedAt ? `used ${lastUsedAt}` : 'never used']),
        )
      return 0
    }
    case 'revoke':
      await server.call('DELETE', `/api/keys/${name}`)
      printLine('The key is revoked.')
      return 0
    default:
      throw new KnowBotError('usage', USAGE)
  }
}
