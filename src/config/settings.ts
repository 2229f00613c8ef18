/**
 * Every setting, once: flag, variables, type, unit, default, meaning and parser. `--help`, `docs/reference/settings.md` and
 * `.env.example` are written from this table, and a test holds them to it.
 */
import { resolve } from 'node:path'
import type { LogLevel } from '../lib/log.ts'
import { MIB, parseBytes } from '../lib/units.ts'

export type Environment = Readonly<Record<string, string | undefined>>
export type Section = 'Server' | 'Data' | 'Access' | 'Model' | 'Limits' | 'Log'

export interface Setting<T> {
  section: Section
  /** `--flag` on the command line. */
  flag: string
  /** Names in the environment and in the configuration file; the first that is set counts. */
  variables: readonly [string, ...string[]]
  /** What stands behind the flag in the help: `HOST:PORT`, `SECONDS`. */
  shape: string
  /** The default in words. */
  defaultText: string
  meaning: string
  /** The value when nobody says anything. Reads what the platform tells, nothing else. */
  fallback(platform: Environment): T
  /** Throws a plain sentence when the text is not of the shape. */
  parse(text: string): T
  /** The flag may be given several times; in a variable the values are separated by commas. */
  isList?: true
  /** Never printed. */
  isSecret?: true
}

export const SETTINGS = {
  bind: setting<readonly string[]>({
    section: 'Server',
    flag: 'bind',
    variables: ['KNOWBOT_BIND'],
    shape: 'ADDRESS',
    defaultText: '`127.0.0.1:8000`; with PORT set, `0.0.0.0:$PORT` and `[::]:$PORT`',
    meaning: 'Where to listen: `HOST:PORT`, `[IPV6]:PORT`, `unix:PATH` or `fd://N`. May be given several times.',
    isList: true,
    fallback: ({ PORT }) => (PORT ? [`0.0.0.0:${parsePort(PORT)}`, `[::]:${parsePort(PORT)}`] : ['127.0.0.1:8000']),
    parse: (text) => text.split(',').map(parseBind),
  }),
  workers: setting<number | 'auto'>({
    section: 'Server',
    flag: 'workers',
    variables: ['WEB_CONCURRENCY', 'KNOWBOT_WORKERS'],
    shape: 'COUNT|auto',
    defaultText: '`1`',
    meaning: 'How many web workers serve requests. `auto` is (2 × cores) + 1, as far as the memory holds them.',
    fallback: () => 1,
    parse: (text) => (text === 'auto' ? 'auto' : parseCount(text, 1, 256)),
  }),
  timeoutS: setting<number>({
    section: 'Server',
    flag: 'timeout',
    variables: ['KNOWBOT_TIMEOUT'],
    shape: 'SECONDS',
    defaultText: '`30`',
    meaning: 'How long a worker may be unresponsive before it is replaced.',
    fallback: () => 30,
    parse: (text) => parseCount(text, 1, 3600),
  }),
  gracefulTimeoutS: setting<number>({
    section: 'Server',
    flag: 'graceful-timeout',
    variables: ['KNOWBOT_GRACEFUL_TIMEOUT'],
    shape: 'SECONDS',
    defaultText: "the platform's drain time, else `30`",
    meaning: 'How long open requests may take to end after a stop was asked for.',
    // Railway's default is 0 s: then nothing may be left to the end, and nothing is (https://docs.railway.com/reference/variables).
    fallback: ({ RAILWAY_DEPLOYMENT_DRAINING_SECONDS: railway }) => (railway ? parseCount(railway, 0, 3600) : 30),
    parse: (text) => parseCount(text, 0, 3600),
  }),
  keepAliveS: setting<number>({
    section: 'Server',
    flag: 'keep-alive',
    variables: ['KNOWBOT_KEEP_ALIVE'],
    shape: 'SECONDS',
    defaultText: '`75`',
    meaning:
      'How long an idle connection is kept. Longer than the idle time of the load balancer in front, or it meets closed ones.',
    fallback: () => 75,
    parse: (text) => parseCount(text, 1, 3600),
  }),
  backlog: setting<number>({
    section: 'Server',
    flag: 'backlog',
    variables: ['KNOWBOT_BACKLOG'],
    shape: 'COUNT',
    defaultText: '`2048`',
    meaning: 'How many connections the kernel may hold for us; the system may cap it lower (net.core.somaxconn).',
    fallback: () => 2048,
    parse: (text) => parseCount(text, 1, 65_535),
  }),
  application: setting<string | undefined>({
    section: 'Server',
    flag: 'app',
    variables: ['KNOWBOT_APP'],
    shape: 'MODULE',
    defaultText: 'KnowBot itself',
    meaning: 'A module whose default export has `fetch(request)`: it is served instead of KnowBot.',
    fallback: () => undefined,
    parse: (text) => resolve(parseText(text)),
  }),
  pidFile: setting<string | undefined>({
    section: 'Server',
    flag: 'pid',
    variables: ['KNOWBOT_PID'],
    shape: 'FILE',
    defaultText: 'none',
    meaning: "Where to write the supervisor's process id.",
    fallback: () => undefined,
    parse: (text) => resolve(parseText(text)),
  }),
  configFile: setting<string | undefined>({
    section: 'Server',
    flag: 'config',
    variables: ['KNOWBOT_CONFIG'],
    shape: 'FILE',
    defaultText: 'none',
    meaning: 'A file of lines `VARIABLE=value`. Flags go before the environment, the environment before the file.',
    fallback: () => undefined,
    parse: (text) => resolve(parseText(text)),
  }),
  data: setting<string>({
    section: 'Data',
    flag: 'data',
    variables: ['KNOWBOT_DATA'],
    shape: 'DIR',
    defaultText: "the platform's volume, else `./data`",
    meaning: 'The folder that holds everything: database, originals, secrets. Put it on a volume.',
    fallback: ({ RAILWAY_VOLUME_MOUNT_PATH: railway }) => resolve(railway || 'data'),
    parse: (text) => resolve(parseText(text)),
  }),
  publicUrl: setting<string | undefined>({
    section: 'Access',
    flag: 'public-url',
    variables: ['KNOWBOT_PUBLIC_URL'],
    shape: 'URL',
    defaultText: "the platform's domain, else unknown",
    meaning: 'Where people reach the server. When it is known, requests for other hosts are refused.',
    fallback: ({ RAILWAY_PUBLIC_DOMAIN: railway, RENDER_EXTERNAL_URL: render, FLY_APP_NAME: fly }) => {
      if (railway) return parseHttpUrl(`https://${railway}`)
      if (render) return parseHttpUrl(render)
      return fly ? `https://${fly}.fly.dev` : undefined
    },
    parse: parseHttpUrl,
  }),
  bootstrapKey: setting<string | undefined>({
    section: 'Access',
    flag: 'bootstrap-key',
    variables: ['KNOWBOT_BOOTSTRAP_KEY'],
    shape: 'KEY',
    defaultText: 'none',
    meaning:
      'An API key with the rights of an administrator that exists from the first start on, for automation. At least 16 characters.',
    isSecret: true,
    fallback: () => undefined,
    parse: parseBootstrapKey,
  }),
  model: setting<string | undefined>({
    section: 'Model',
    flag: 'model',
    variables: ['KNOWBOT_MODEL'],
    shape: 'PROVIDER:MODEL',
    defaultText: 'none: answers are quotes',
    meaning:
      'The model that writes answers: `openai:…`, `groq:…`, `ollama:…`, or `openai-compatible:…` with KNOWBOT_MODEL_URL.',
    fallback: () => undefined,
    parse: parseText,
  }),
  modelUrl: setting<string | undefined>({
    section: 'Model',
    flag: 'model-url',
    variables: ['KNOWBOT_MODEL_URL'],
    shape: 'URL',
    defaultText: "the provider's",
    meaning: 'The base address of the model server, with its `/v1`. It may be on this machine or in a private network.',
    fallback: () => undefined,
    parse: parseHttpUrl,
  }),
  modelKey: setting<string | undefined>({
    section: 'Model',
    flag: 'model-key',
    variables: ['KNOWBOT_MODEL_KEY'],
    shape: 'KEY',
    defaultText: 'none',
    meaning: 'The key that the model server asks for.',
    isSecret: true,
    fallback: () => undefined,
    parse: parseText,
  }),
  modelTimeoutS: setting<number>({
    section: 'Model',
    flag: 'model-timeout',
    variables: ['KNOWBOT_MODEL_TIMEOUT'],
    shape: 'SECONDS',
    defaultText: '`60`',
    meaning: 'How long to wait for the first word of the model; half of it between words.',
    fallback: () => 60,
    parse: (text) => parseCount(text, 1, 3600),
  }),
  uploadBytesMax: setting<number>({
    section: 'Limits',
    flag: 'upload-max',
    variables: ['KNOWBOT_UPLOAD_MAX'],
    shape: 'SIZE',
    defaultText: '`50MB`',
    meaning: 'The largest file that is taken in one upload.',
    fallback: () => 50 * MIB,
    parse: parseSize,
  }),
  jobsMax: setting<number>({
    section: 'Limits',
    flag: 'jobs',
    variables: ['KNOWBOT_JOBS'],
    shape: 'COUNT',
    defaultText: '`1`',
    meaning: 'How many documents may be read at the same time.',
    fallback: () => 1,
    parse: (text) => parseCount(text, 1, 64),
  }),
  logLevel: setting<LogLevel>({
    section: 'Log',
    flag: 'log-level',
    variables: ['KNOWBOT_LOG_LEVEL'],
    shape: 'LEVEL',
    defaultText: '`info`',
    meaning: 'What is logged to standard error: `debug`, `info`, `warn` or `error`.',
    fallback: () => 'info',
    parse: (text) => parseChoice(text, ['debug', 'info', 'warn', 'error'] as const),
  }),
} satisfies Record<string, Setting<never> | Setting<unknown>>

export type Settings = typeof SETTINGS
export type SettingName = keyof Settings
/** One value per setting, of the type its parser gives. */
export type Config = { readonly [K in SettingName]: Settings[K] extends Setting<infer T> ? T : never }

function setting<T>(definition: Setting<T>): Setting<T> {
  return definition
}

function parseText(text: string): string {
  if (text.trim() === '') throw new Error('expected a value, got nothing')
  return text.trim()
}

function parseCount(text: string, min: number, max: number): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isInteger(value) || value < min || value > max) {
    throw new Error(`expected a whole number from ${min} to ${max}, got "${text}"`)
  }
  return value
}

function parsePort(text: string): number {
  return parseCount(text, 0, 65_535)
}

function parseSize(text: string): number {
  const bytes = parseBytes(text)
  if (bytes === undefined || bytes < 1) throw new Error(`expected a size such as 512MB or 1048576, got "${text}"`)
  return bytes
}

function parseChoice<const T extends string>(text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text)
  if (found === undefined) throw new Error(`expected one of ${choices.join(', ')}, got "${text}"`)
  return found
}

const HOST_AND_PORT = /^(\[[0-9a-f:.%]+\]|[^:[\]/\s]+):(\d+)$/i

function parseBind(text: string): string {
  const address = text.trim()
  if (/^unix:.+/.test(address) || /^fd:\/\/\d+$/.test(address)) return address
  const match = HOST_AND_PORT.exec(address)
  if (!match) throw new Error(`expected HOST:PORT, [IPV6]:PORT, unix:PATH or fd://N, got "${text}"`)
  parsePort(match[2]!)
  return address
}

function parseHttpUrl(text: string): string {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new Error(`expected an address that begins with http:// or https://, got "${text}"`)
  return url.href.replace(/\/$/, '')
}

// Values that stand in examples and tutorials. A server that anybody can enter must not start.
const KNOWN_KEYS = /^(changeme|change-me|secret|password|test|example|your-?key|knowbot)/i

function parseBootstrapKey(text: string): string {
  if (text.length < 16) throw new Error(`expected at least 16 characters, got ${text.length}`)
  if (KNOWN_KEYS.test(text))
    throw new Error('expected a key of your own making (openssl rand -hex 24), got one that stands in examples')
  return text
}
