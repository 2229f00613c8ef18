/** `knowbot user`: accounts from the shell. */
import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import type { UserAnswer } from '../api.ts'
import type { ExitCode, Invocation } from '../cli.ts'
import { KnowBotError } from '../errors.ts'
import { type LocalServer, openLocalServer } from './local-server.ts'
import { printJson, printLine, printTable } from './print.ts'

const USAGE = 'Usage: knowbot user add NAME [--admin] | user list | user password NAME | user remove NAME'

export async function run({ config, positionals, flags }: Invocation): Promise<ExitCode> {
  const [action, name] = positionals
  if (action !== 'list' && !name) throw new KnowBotError('usage', USAGE)
  switch (action) {
    case 'list':
      return withServer(config, async (server) => list(await users(server), flags['json'] === true))
    case 'add': {
      const password = await readPassword()
      const role = flags['admin'] ? 'administrator' : 'member'
      return withServer(config, async (server) => {
        const user = await server.call<UserAnswer>('POST', '/api/users', { username: name, password, role })
        if (flags['json']) printJson(user)
        else printLine(`${user.username} may sign in as ${user.role}.`)
      })
    }
    case 'password': {
      const password = await readPassword()
      return withServer(config, async (server) => {
        await server.call('PATCH', `/api/users/${(await find(server, name!)).id}`, { password })
        printLine(`The password of ${name} is changed; its sessions are ended.`)
      })
    }
    case 'remove':
      return withServer(config, async (server) => {
        await server.call('DELETE', `/api/users/${(await find(server, name!)).id}`)
        printLine(`${name} is removed.`)
      })
    default:
      throw new KnowBotError('usage', USAGE)
  }
}

async function withServer(
  config: Invocation['config'],
  work: (server: LocalServer) => Promise<unknown>,
): Promise<ExitCode> {
  await using server = await openLocalServer(config)
  await work(server)
  return 0
}

export async function users(server: LocalServer): Promise<UserAnswer[]> {
  const all: UserAnswer[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { items: UserAnswer[]; nextCursor: string | null } = await server.call(
      'GET',
      `/api/users?limit=100${cursor && `&cursor=${cursor}`}`,
    )
    all.push(...page.items)
    cursor = page.nextCursor
  }
  return all
}

export async function find(server: LocalServer, name: string): Promise<UserAnswer> {
  const user = (await users(server)).find(({ username }) => username.toLowerCase() === name.toLowerCase())
  if (!user) throw new KnowBotError('not_found', `There is no account "${name}". \`knowbot user list\` shows all.`)
  return user
}

function list(all: readonly UserAnswer[], asJson: boolean): void {
  if (asJson) printJson(all)
  else if (all.length === 0) printLine('There is no account yet.')
  else printTable(all.map(({ username, role, createdAt }) => [username, role, createdAt]))
}

/** Asked for without echo on a terminal; else the first line of standard input. */
async function readPassword(): Promise<string> {
  const isTerminal = process.stdin.isTTY === true
  if (isTerminal) process.stderr.write('Password (12 to 256 characters): ')
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: isTerminal })
  try {
    for await (const line of lines) return line
    throw new KnowBotError('usage', 'Expected a password on the first line of standard input, got nothing.')
  } finally {
    lines.close()
    if (isTerminal) process.stderr.write('\n')
  }
}
