/** Settings: flags over environment over file over what the platform tells. The one reader of the environment. */
import { readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment, Setting } from './config/setting.ts'
import { type Config, SETTINGS, type SettingName } from './config/settings.ts'
import { KnowBotError } from './errors.ts'

export { renderEnvExample, renderHelp, renderSettingsPage } from './config/reference.ts'
export type { Environment, Section } from './config/setting.ts'
export { type Config, SETTINGS } from './config/settings.ts'

/** The resolved settings, handed by the supervisor to the processes it starts, as JSON. */
const CHILD_VARIABLE = 'KNOWBOT_RESOLVED'
/** Variables of the test suite, which a server under test may see. */
const TEST_PREFIX = 'KNOWBOT_TEST_'

export type Flags = Readonly<Record<string, string | readonly string[] | boolean | undefined>>

/**
 * Resolves every setting. Flags are values by flag name, as `parseArgs` gives them; what is no setting among them is ignored.
 * `defaults` go before the table's own. Throws `invalid_setting` in one line that names the setting.
 */
export function loadConfig(
  flags: Flags = {},
  environment: Environment = process.env,
  defaults: Partial<Config> = {},
): Config {
  refuseUnknown(environment, 'the environment')
  const file = readConfigFile(pick('configFile', flags, environment, {}, {}) as string | undefined)
  const entries = settingNames().map((name) => [name, pick(name, flags, environment, file, defaults)])
  return Object.freeze(Object.fromEntries(entries)) as Config
}

/** What a child needs in its environment to have the same settings. */
export function childEnvironment(config: Config): Record<string, string> {
  return { [CHILD_VARIABLE]: JSON.stringify(config) }
}

export function loadChildConfig(environment: Environment = process.env): Config {
  const text = environment[CHILD_VARIABLE]
  if (text === undefined)
    throw new KnowBotError('invalid_setting', 'This process is started by `knowbot serve`, not by hand.')
  return Object.freeze(JSON.parse(text)) as Config
}

/**
 * Where Node keeps the compiled form of our files, for children and for the supervisor itself; nothing when that is decided
 * already. A process that strips the types of a file itself stays 31 MB larger for it. In our own folder, which nobody else
 * may write: whoever writes the cache decides what runs.
 */
export function compileCacheEnvironment(environment: Environment = process.env): Record<string, string> {
  if (environment['NODE_COMPILE_CACHE'] || environment['NODE_DISABLE_COMPILE_CACHE']) return {}
  return { NODE_COMPILE_CACHE: join(import.meta.dirname, '../.cache/compile') }
}

/**
 * The environment to begin again in, with the compile cache; undefined when that would close a descriptor that the service
 * manager handed over (sd_listen_fds(3)).
 */
export function restartEnvironment(environment: Environment = process.env): Environment | undefined {
  if (environment['LISTEN_FDS'] !== undefined) return undefined
  return { ...environment, ...compileCacheEnvironment(environment) }
}

/** What a service manager, or an older supervisor that is to be followed, says about the sockets that it hands over. */
export function socketVariables(
  { LISTEN_FDS, LISTEN_PID, LISTEN_PREDECESSOR }: Environment = process.env,
): Environment {
  return { LISTEN_FDS, LISTEN_PID, LISTEN_PREDECESSOR }
}

/** The files by which other processes on this machine reach the server of a data folder. */
export interface MeetingPoints {
  lockFile: string
  /** HTTP as the principal `local`. */
  localSocket: string
  /** The supervisor's own commands. */
  controlSocket: string
}

// sun_path holds 108 bytes with its end on Linux, 104 on macOS (unix(7)).
const SOCKET_PATH_BYTES_MAX = 103

export function meetingPoints(data: string): MeetingPoints {
  const socket = (name: string) => {
    const path = join(data, `${name}.sock`)
    return Buffer.byteLength(path) <= SOCKET_PATH_BYTES_MAX
      ? path
      : join(tmpdir(), `knowbot-${digest(data)}-${name}.sock`)
  }
  return { lockFile: join(data, 'lock'), localSocket: socket('local'), controlSocket: socket('control') }
}

function digest(text: string): string {
  // Loaded where it is needed: it would cost every supervisor 1.1 MB.
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Where `ask` keeps its private index when no data folder is named: the user's cache folder (XDG Base Directory). */
export function privateDataFolder(environment: Environment = process.env): string {
  return join(environment['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'knowbot')
}

function settingNames(): SettingName[] {
  return Object.keys(SETTINGS) as SettingName[]
}

function pick(
  name: SettingName,
  flags: Flags,
  environment: Environment,
  file: Environment,
  defaults: Partial<Config>,
): unknown {
  const setting = SETTINGS[name] as Setting<unknown>
  const flag = flags[setting.flag]
  if (flag !== undefined) return parse(setting, `--${setting.flag}`, String(flag)) // A list joins by commas.
  for (const [source, where] of [
    [environment, 'the environment'],
    [file, 'the configuration file'],
  ] as const) {
    const variable = setting.variables.find((candidate) => source[candidate] !== undefined && source[candidate] !== '')
    if (variable !== undefined) return parse(setting, `${variable} in ${where}`, source[variable]!)
  }
  if (Object.hasOwn(defaults, name)) return defaults[name]
  try {
    return setting.fallback({ ...file, ...environment })
  } catch (error) {
    throw invalid(`a variable of the platform that decides --${setting.flag}`, error)
  }
}

function parse(setting: Setting<unknown>, named: string, text: string): unknown {
  try {
    return setting.parse(text)
  } catch (error) {
    throw invalid(named, error)
  }
}

function invalid(named: string, error: unknown): KnowBotError {
  return new KnowBotError('invalid_setting', `${named}: ${(error as Error).message}.`)
}

function readConfigFile(path: string | undefined): Environment {
  if (path === undefined) return {}
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new KnowBotError(
      'invalid_setting',
      `--config: cannot read ${path} (${(error as NodeJS.ErrnoException).code}).`,
      { cause: error },
    )
  }
  const values: Record<string, string> = {}
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const match = /^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line)
    if (!match)
      throw new KnowBotError(
        'invalid_setting',
        `${path}, line ${index + 1}: expected VARIABLE=value, got "${line.slice(0, 60)}".`,
      )
    values[match[1]!] = match[2]!.replace(/^(["'])(.*)\1$/, '$2')
  }
  refuseUnknown(values, path)
  return values
}

/** A misspelt setting is worse than a missing one: it looks as if it worked. */
function refuseUnknown(source: Environment, where: string): void {
  const known = new Set(settingNames().flatMap((name) => SETTINGS[name].variables as readonly string[]))
  const unknown = Object.keys(source).find(
    (name) =>
      name.startsWith('KNOWBOT_') && name !== CHILD_VARIABLE && !name.startsWith(TEST_PREFIX) && !known.has(name),
  )
  if (unknown === undefined) return
  throw new KnowBotError(
    'invalid_setting',
    `${unknown} in ${where}: there is no such setting. \`knowbot serve --help\` lists all.`,
  )
}
