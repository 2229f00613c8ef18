/** `knowbot key`: API keys from the shell. A new key is printed once and kept nowhere but as a hash. */
import type { KeyAnswer } from '../api.ts'
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { type LocalServer, openLocalServer } from './local-server.ts'
import { printJson, printLine, printTable } from './print.ts'
import { find } from './user.ts'

const USAGE = 'Usage: knowbot key new NAME [--user NAME] | key list [--user NAME] | key revoke ID'

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const [action, name] = positionals
  if (action !== 'list' && !name) throw new KnowBotError('usage', USAGE)
  await using server = await openLocalServer(config)
  switch (action) {
    case 'new': {
      const userId = await ownerOf(server, flags)
      const created = await server.call<KeyAnswer & { key: string }>('POST', '/api/keys', {
        name,
        ...(userId && { userId }),
      })
      if (flags['json']) printJson(created)
      else printLine(created.key)
      return 0
    }
    case 'list': {
      const userId = await ownerOf(server, flags)
      // As many as anybody can have.
      const path = `/api/keys?limit=100${userId ? `&userId=${userId}` : ''}`
      const { items } = await server.call<{ items: KeyAnswer[] }>('GET', path)
      if (flags['json']) printJson(items)
      else
        printTable(
          items.map(({ id, name, lastUsedAt }) => [id, name, lastUsedAt ? `used ${lastUsedAt}` : 'never used']),
        )
      return 0
    }
    case 'revoke':
      await server.call('DELETE', `/api/keys/${encodeURIComponent(name!)}`)
      printLine('The key is revoked.')
      return 0
    default:
      throw new KnowBotError('usage', USAGE)
  }
}

/** Public id of the user that is named; the local shell otherwise. */
async function ownerOf(server: LocalServer, flags: Invocation['flags']): Promise<string | undefined> {
  return typeof flags['user'] === 'string' ? (await find(server, flags['user'])).id : undefined
}
