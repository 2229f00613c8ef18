/**
 * Builds a Dockerfile and runs what comes out of it, without a container engine: every stage is an overlay over the file system of this
 * machine, which therefore has to be the base image (Node, and what `apt-get` would install). Needs root on Linux. The container has
 * its own process ids and a file system that it cannot write to, and shares the network.
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { contextFiles, instructionsOf, readCopy, readDockerfile, readEnvironment, type Stage } from './dockerfile.ts'
import type { MemoryGroup } from './memory-group.ts'

export interface Image extends Disposable {
  /** Holds `upper`, all that the image has beyond this machine, and what mounting needs beside it. */
  folder: string
  environment: Readonly<Record<string, string>>
  workdir: string
  entrypoint: readonly string[]
  command: readonly string[]
  healthcheck: readonly string[]
}

export interface Container extends AsyncDisposable {
  /** As this machine counts it; in the container it is 1. */
  readonly pid: number
  readonly process: ChildProcess
  /** Standard output and standard error so far. */
  output(): string
  /** Resolves once the output matches; fails when the container ends before. */
  said(pattern: RegExp): Promise<void>
  /** Runs a command beside it, as `docker exec` does: as root. */
  exec(command: readonly string[]): { status: number | null; stdout: string; stderr: string }
  stop(signal?: NodeJS.Signals): Promise<number | null>
}

export interface RunOptions {
  environment?: Readonly<Record<string, string>>
  /** Takes the place of the image's entry point and command, as a platform's start command does. */
  command?: readonly string[]
  /** Bounds the memory of it and of all that it starts. */
  group?: MemoryGroup | undefined
  /** The volume, and where it is mounted. */
  volume: { folder: string; path: string }
}

const NODE_FOLDER = dirname(dirname(process.execPath))
const NODE_MOUNT = '/opt/node-of-the-image'
const PATH = `${NODE_MOUNT}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`

/** Why it cannot be done here; undefined where it can. */
export function whyNoContainers(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux'
  if (spawnSync('tesseract', ['--version']).status !== 0) return 'needs native Tesseract, as the image has it'
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-overlay-'))
  try {
    for (const name of ['upper', 'work', 'merged']) mkdirSync(join(folder, name))
    const { status } = spawnSync('unshare', ['--mount', '--pid', '--fork', 'sh', '-ec', MOUNT, 'sh', folder])
    return status === 0 ? undefined : 'needs leave to mount an overlay (unshare, mount)'
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** $1 the folder with upper, work and merged. */
const MOUNT = 'mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper,workdir=$1/work" "$1/merged"'

/** $2 the folder of Node, $3 where it is mounted, $4 the working folder, $5 the command. */
const RUN = `${MOUNT}
mkdir -p "$1/merged$3"
mount --bind "$2" "$1/merged$3"
mount --rbind /proc "$1/merged/proc"
mount --rbind /dev "$1/merged/dev"
mount -t tmpfs tmpfs "$1/merged/tmp"
exec chroot "$1/merged" sh -c 'cd "$1" && exec sh -c "$2"' sh "$4" "$5"`

export function buildImage(folder: string): Image {
  const home = mkdtempSync(join(tmpdir(), 'knowbot-image-'))
  const dispose = () => rmSync(home, { recursive: true, force: true })
  try {
    const folders = new Map<string, string>()
    const stages = readDockerfile(join(folder, 'Dockerfile'))
    for (const [index, stage] of stages.entries()) {
      const place = join(home, String(index))
      buildStage(folder, place, stage, folders)
      folders.set(stage.name ?? 'the last', place)
    }
    const last = stages.at(-1)!
    const json = (name: string) => JSON.parse(instructionsOf(last, name)[0]!.replace(/^[^[]*/, '')) as string[]
    return {
      folder: folders.get('the last')!,
      environment: readEnvironment(last),
      workdir: instructionsOf(last, 'WORKDIR').at(-1)!,
      entrypoint: json('ENTRYPOINT'),
      command: json('CMD'),
      healthcheck: json('HEALTHCHECK'),
      [Symbol.dispose]: dispose,
    }
  } catch (error) {
    dispose()
    throw error
  }
}

function buildStage(context: string, home: string, stage: Stage, folders: ReadonlyMap<string, string>): void {
  const upper = join(home, 'upper')
  for (const name of ['upper', 'work', 'merged']) mkdirSync(join(home, name), { recursive: true })
  const base = folders.get(stage.from)
  if (base) execFileSync('cp', ['-a', `${join(base, 'upper')}/.`, upper])
  let workdir = '/'
  let environment: Record<string, string> = {}
  for (const { name, args } of stage.instructions) {
    if (name === 'WORKDIR') {
      workdir = args
      mkdirSync(join(upper, workdir), { recursive: true })
    }
    if (name === 'ENV')
      environment = { ...environment, ...readEnvironment({ ...stage, instructions: [{ name, args }] }) }
    if (name === 'COPY') copy(context, upper, workdir, args, folders)
    // What it installs is on this machine, or the test does not run.
    if (name === 'RUN' && !args.startsWith('apt-get')) run(home, workdir, args, environment)
  }
}

function copy(
  context: string,
  upper: string,
  workdir: string,
  args: string,
  folders: ReadonlyMap<string, string>,
): void {
  const { stage, sources, target } = readCopy(args)
  const to = join(upper, target.startsWith('/') ? target : join(workdir, target))
  mkdirSync(to, { recursive: true })
  if (stage) {
    for (const source of sources) execFileSync('cp', ['-a', `${join(folders.get(stage)!, 'upper', source)}/.`, to])
    return
  }
  const files = contextFiles(context)
  for (const source of sources) {
    const name = source.replace(/\/$/, '')
    const inside = files.filter((file) => file.startsWith(`${name}/`))
    const isThere = inside.length > 0 || files.includes(name)
    if (!isThere) throw new Error(`COPY ${source}: not there, or named in .dockerignore`)
    if (inside.length === 0) cpSync(join(context, name), join(to, name.split('/').at(-1)!))
    for (const file of inside) cpSync(join(context, file), join(to, file.slice(name.length + 1)))
  }
}

function run(home: string, workdir: string, command: string, environment: Record<string, string>): void {
  // The surroundings of this machine stay, because they say how packages are fetched here; those at hand are not fetched again.
  const npm = { npm_config_prefer_offline: 'true', npm_config_fetch_retries: '1' }
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(NODE_(?!EXTRA_CA)|KNOWBOT_|npm_(?!config_))/.test(name),
  )
  const args = [home, NODE_FOLDER, NODE_MOUNT, workdir, command]
  const { status, stderr, stdout } = spawnSync('unshare', ['--mount', 'sh', '-ec', RUN, 'sh', ...args], {
    encoding: 'utf8',
    env: { ...Object.fromEntries(kept), ...npm, PATH: `${NODE_MOUNT}/bin:${process.env['PATH']}`, ...environment },
  })
  if (status !== 0) throw new Error(`RUN ${command}: ${status}\n${stdout}${stderr}`)
}

/** $2 and $3 Node, $4 and $5 the volume, then a command. Only the volume and /tmp can be written to. */
const START = `${MOUNT}
root="$1/merged"
mount --bind "$2" "$root$3"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mkdir -p "$root$5"
mount --bind "$4" "$root$5"
mount -o remount,ro "$root"
shift 5
exec chroot "$root" "$@"`

/** Resolves when the process is there; what it does then is for the caller to see. */
export async function runContainer(image: Image, options: RunOptions): Promise<Container> {
  const surroundings = { PATH, ...image.environment, ...options.environment }
  const { folder, path } = options.volume
  const paths = [image.folder, NODE_FOLDER, NODE_MOUNT, folder, path]
  const env = [
    'env',
    '-i',
    '-C',
    image.workdir,
    ...Object.entries(surroundings).map(([name, value]) => `${name}=${value}`),
  ]
  const command = options.command ?? [...image.entrypoint, ...image.command]
  const unshare = ['unshare', '--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', START, 'sh', ...paths]
  const line = [...unshare, ...env, ...command]
  const [program, ...args] = options.group?.wrap(line) ?? line
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const heard = new EventEmitter()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text
      heard.emit('text')
    })
  }
  child.on('close', () => heard.emit('error', new Error(`the container ended; it said:\n${output}`)))
  heard.on('error', () => undefined) // Whether anybody waits or not.
  const said = async (pattern: RegExp) => {
    while (!pattern.test(output)) await once(heard, 'text')
  }
  await said(/./)
  const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'))
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exited = once(child, 'exit')
    process.kill(pid, signal)
    await exited
    return child.exitCode
  }
  return {
    pid,
    process: child,
    output: () => output,
    said,
    exec(words) {
      const enter = ['--target', String(pid), '--mount', '--pid', '--root', '--wd', '--', ...env, ...words]
      return spawnSync('nsenter', enter, { encoding: 'utf8' })
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL')
    },
  }
}
