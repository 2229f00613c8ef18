/** The command line: one table of commands, from which parsing, help and the reference page come. */
import { parseArgs } from 'node:util'
import { type Config, type Flags, loadConfig, privateDataFolder, renderHelp, SETTINGS, type Section } from './config.ts'
import { KnowBotError, toKnowBotError } from './errors.ts'

/** 0 done, 1 failed, 2 called or configured wrongly. */
export type ExitCode = 0 | 1 | 2

export interface Invocation {
  config: Config
  /** The settings as they would be read now, from the same flags. */
  reread: () => Config
  positionals: readonly string[]
  flags: Flags
}

export interface Command {
  summary: string
  usage: string
  /** What the help says below the usage. */
  details?: string
  /** Flags of its own, beside the settings. */
  flags?: Readonly<Record<string, { type: 'boolean' | 'string'; meaning: string }>>
  /** Which settings it takes; the rest would have no effect. */
  settings: readonly Section[]
  /** Defaults of its own, where the table's do not fit. */
  defaults?(): Partial<Config>
  /** Loaded when called, so that the supervisor carries no other command. */
  load(): Promise<{ run(invocation: Invocation, name: string): Promise<ExitCode> }>
}

const JSON_FLAG = { json: { type: 'boolean', meaning: 'Print the answer of the API as JSON.' } } as const
const LOCAL: readonly Section[] = ['Data', 'Model', 'Limits', 'Log']

export const COMMANDS: Readonly<Record<string, Command>> = {
  serve: {
    summary: 'Start the server.',
    usage: 'serve [--bind ADDRESS]… [--workers COUNT|auto] [--data DIR] [--app MODULE] …',
    flags: { 'check-config': { type: 'boolean', meaning: 'Check the settings and leave.' } },
    settings: ['Server', 'Workers', 'Requests', 'Data', 'Access', 'Model', 'Limits', 'Log'],
    load: () => import('./cli/serve.ts'),
  },
  ask: {
    summary: 'Ask a question, and read files first if some are named.',
    usage: 'ask QUESTION [FILE|DIR]…',
    details:
      'Without --data the files are indexed into a private folder in your cache, so that asking again is quick. Only the named files are asked.',
    flags: JSON_FLAG,
    settings: LOCAL,
    defaults: () => ({ data: privateDataFolder() }),
    load: () => import('./cli/ask.ts'),
  },
  add: {
    summary: 'Read files into the data folder.',
    usage: 'add FILE|DIR…',
    flags: JSON_FLAG,
    settings: LOCAL,
    load: () => import('./cli/add.ts'),
  },
  search: {
    summary: 'Find passages, without an answer.',
    usage: 'search QUERY',
    flags: { ...JSON_FLAG, limit: { type: 'string', meaning: 'How many passages at most; 10 by default.' } },
    settings: LOCAL,
    load: () => import('./cli/search.ts'),
  },
  eval: {
    summary: 'Ask the questions of a file and print how well they are answered. No model is asked.',
    usage: 'eval FILE [--add]',
    details:
      'FILE holds one JSON object a line: {"question", "document"?, "passage"?, "mustContain"?: […], "mustRefuse"?: true}; or it is NAME.questions.jsonl of a question set, with NAME.docs.jsonl beside it. Ends with 1 where a test of the first kind fails.',
    flags: { ...JSON_FLAG, add: { type: 'boolean', meaning: 'Add the documents of the question set first.' } },
    settings: LOCAL,
    load: () => import('./cli/eval.ts'),
  },
  user: {
    summary: 'Accounts: add, list, password, remove.',
    usage: 'user add NAME [--admin] | user list | user password NAME | user remove NAME',
    details: 'The password is asked for, or read from the first line of standard input.',
    flags: { ...JSON_FLAG, admin: { type: 'boolean', meaning: 'The account may administer the server.' } },
    settings: ['Data', 'Log'],
    load: () => import('./cli/user.ts'),
  },
  key: {
    summary: 'API keys: new, list, revoke.',
    usage: 'key new NAME [--user NAME] | key list [--user NAME] | key revoke ID',
    flags: { ...JSON_FLAG, user: { type: 'string', meaning: 'Whose key it is; the local shell by default.' } },
    settings: ['Data', 'Log'],
    load: () => import('./cli/key.ts'),
  },
  index: {
    summary: 'The index of meanings: how far it is; build, go back to the former one, give that up.',
    usage: 'index [status|build|rebuild|rollback|discard]',
    details:
      'build makes the vectors of the model that is set (KNOWBOT_EMBEDDINGS), also after a rollback; rebuild makes them all anew, beside what answers meanwhile; rollback goes back to the former model, or gives up the one that is being built; discard gives up the way back and its room on the disk.',
    flags: JSON_FLAG,
    settings: ['Data', 'Model', 'Log'],
    load: () => import('./cli/index-status.ts'),
  },
  status: {
    summary: 'What the running server does.',
    usage: 'status',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  workers: {
    summary: 'The workers of the running server; one more or less.',
    usage: 'workers [+1|-1]',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  reload: {
    summary: 'Read the configuration file again and replace the workers, without a refused request.',
    usage: 'reload',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  stop: {
    summary: 'Stop the running server; open requests end first.',
    usage: 'stop',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  drain: {
    summary: 'The same, and wait until it has ended.',
    usage: 'drain',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  recycle: {
    summary: 'Replace one worker, or each in turn.',
    usage: 'recycle [PID]',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  stack: {
    summary: 'Where the JavaScript of a worker is right now.',
    usage: 'stack [PID]',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  deaths: {
    summary: 'The last deaths of workers, with cause and evidence.',
    usage: 'deaths',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  flight: {
    summary: 'What the supervisor saw and decided in the last ten minutes.',
    usage: 'flight',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/control.ts'),
  },
  budget: {
    summary:
      'The memory of the running server: the limit, its shares, what is held, and what background work was granted.',
    usage: 'budget',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/budget.ts'),
  },
  backup: {
    summary: 'Write the whole data folder into one file, while the server runs.',
    usage: 'backup FILE',
    details: 'The file is a tar with the database, the originals, and a manifest with checksums.',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/backup.ts').then(({ backup }) => ({ run: backup })),
  },
  restore: {
    summary: 'Make a data folder from a backup, after checking every byte of it.',
    usage: 'restore FILE --data DIR',
    details: 'The folder must be new or empty.',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/backup.ts').then(({ restore }) => ({ run: restore })),
  },
  verify: {
    summary: 'Check the database and every original of the data folder, or of a backup.',
    usage: 'verify [FILE]',
    flags: JSON_FLAG,
    settings: ['Data', 'Log'],
    load: () => import('./cli/backup.ts').then(({ verify }) => ({ run: verify })),
  },
  doctor: {
    summary: 'What this machine offers, and what is wrong with the data folder.',
    usage: 'doctor',
    flags: JSON_FLAG,
    settings: LOCAL,
    load: () => import('./cli/doctor.ts'),
  },
}

/** Runs the command and answers its exit code. Errors are one line on standard error. */
export async function main(args: readonly string[]): Promise<ExitCode> {
  const [name, ...rest] = args
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') return print(renderOverview())
  if (name === '--version' || name === 'version') return print(await readVersion())
  // A reader that has seen enough (`| head`) is no failure, and no reason for a server to end.
  process.stdout.on('error', () => name === 'serve' || process.exit(0))
  try {
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
    if (!command) throw new KnowBotError('usage', `There is no command "${name}". \`knowbot help\` lists them.`)
    if (rest.includes('--help') || rest.includes('-h')) return print(renderCommandHelp(command))
    const { run } = await command.load()
    return await run(readInvocation(command, rest), name)
  } catch (error) {
    return reportFailure(error)
  }
}

/** Parses what stands behind the command's name. Throws `usage` or `invalid_setting`. */
export function readInvocation(command: Command, args: readonly string[]): Invocation {
  const options = Object.fromEntries([
    ...settingFlags(command).map(
      ({ flag, isList, isSwitch }) =>
        [flag, { type: isSwitch ? 'boolean' : 'string', multiple: isList === true }] as const,
    ),
    ['config', { type: 'string' }] as const,
    ...Object.entries(command.flags ?? {}).map(([flag, { type }]) => [flag, { type }] as const),
  ])
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true })
    const reread = () => loadConfig(values as Flags, undefined, command.defaults?.())
    return { config: reread(), reread, positionals, flags: values as Flags }
  } catch (error) {
    if (error instanceof KnowBotError) throw error
    throw new KnowBotError('usage', `${(error as Error).message.split('. ')[0]}. Usage: knowbot ${command.usage}`, {
      cause: error,
    })
  }
}

function settingFlags(command: Command): { flag: string; isList?: boolean; isSwitch?: boolean }[] {
  return Object.values(SETTINGS).filter((setting) => command.settings.includes(setting.section))
}

export function renderOverview(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length)) + 2
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}${summary}`)
  return `Usage: knowbot COMMAND …\n\n${lines.join('\n')}\n\n\`knowbot COMMAND --help\` says more. In a checkout: npm start -- COMMAND …`
}

export function renderCommandHelp(command: Command): string {
  const own = Object.entries(command.flags ?? {}).map(([flag, { meaning }]) => `  ${`--${flag}`.padEnd(28)}${meaning}`)
  return [
    `Usage: knowbot ${command.usage}\n\n${command.summary}`,
    ...(command.details ? [command.details] : []),
    ...(own.length > 0 ? [own.join('\n')] : []),
    `Settings (each also a variable in the environment, see docs/reference/settings.md)\n\n${renderHelp(command.settings)}`,
  ].join('\n\n')
}

/** `docs/reference/commands.md`. */
export function renderCommandsPage(commands: typeof COMMANDS): string {
  const sections = Object.entries(commands).map(
    ([name, command]) => `## ${name}\n\n\`\`\`text\n${renderCommandHelp(command)}\n\`\`\`\n`,
  )
  return `# Commands

Written by \`npm run reference\` from the table in \`src/cli.ts\`. In a checkout, \`npm start -- COMMAND …\` stands for \`knowbot COMMAND …\`.
Exit codes: 0 done, 1 failed, 2 called or configured wrongly. Standard output carries the result and nothing else.

${sections.join('\n')}`
}

function print(text: string): ExitCode {
  process.stdout.write(`${text}\n`)
  return 0
}

function reportFailure(error: unknown): ExitCode {
  const failure = toKnowBotError(error)
  process.stderr.write(`knowbot: ${failure.message}\n`)
  if (failure.code === 'internal') process.stderr.write(`${(error as Error).stack ?? String(error)}\n`)
  return failure.code === 'usage' || failure.code === 'invalid_setting' ? 2 : 1
}

async function readVersion(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')).version
}
