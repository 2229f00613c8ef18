/** Reads a Dockerfile and a .dockerignore, as far as ours use their languages (docs.docker.com/reference/dockerfile). */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Instruction {
  /** `COPY`, `RUN` … */
  name: string
  /** What follows it, its lines joined. */
  args: string
}

export interface Stage {
  name: string | undefined
  /** An image, or the name of an earlier stage. */
  from: string
  instructions: readonly Instruction[]
}

export function readDockerfile(file: string): Stage[] {
  const lines = readFileSync(file, 'utf8').split('\n')
  const text = lines.filter((line) => !/^\s*#/.test(line)).join('\n')
  const instructions = text
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => ({ name: line.split(/\s/, 1)[0]!, args: line.replace(/^\S+\s+/, '').trim() }))
  const stages: (Stage & { instructions: Instruction[] })[] = []
  for (const { name, args } of instructions) {
    if (name !== 'FROM') stages.at(-1)!.instructions.push({ name, args })
    else {
      const [from, , stage] = args.split(/\s+/)
      stages.push({ name: stage, from: from!, instructions: [] })
    }
  }
  return stages
}

export function instructionsOf(stage: Stage, name: string): string[] {
  return stage.instructions.filter((instruction) => instruction.name === name).map(({ args }) => args)
}

export interface Copy {
  /** The stage that it is taken from; the context otherwise. */
  stage: string | undefined
  sources: string[]
  target: string
}

export function readCopy(args: string): Copy {
  const words = args.split(/\s+/)
  const stage = words.find((word) => word.startsWith('--from='))?.slice('--from='.length)
  const paths = words.filter((word) => !word.startsWith('--'))
  return { stage, sources: paths.slice(0, -1), target: paths.at(-1)! }
}

/** `KEY=value KEY=value`, without quotes or spaces in them. */
export function readEnvironment(stage: Stage): Record<string, string> {
  const pairs = instructionsOf(stage, 'ENV').flatMap((args) => args.split(/\s+/))
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s).slice(0, 2) as [string, string]))
}

/** The files that an engine would be sent, as paths from the folder. */
export function contextFiles(folder: string): string[] {
  const rules = readFileSync(join(folder, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ isException: line.startsWith('!'), pattern: asExpression(line.replace(/^!/, '')) }))
  const matches = (path: string, pattern: RegExp) =>
    path
      .split('/')
      .map((_, index, parts) => parts.slice(0, index + 1).join('/'))
      .some((parent) => pattern.test(parent))
  const isIgnored = (path: string) => rules.findLast(({ pattern }) => matches(path, pattern))?.isException === false
  const filesBelow = (path: string): string[] =>
    readdirSync(join(folder, path), { withFileTypes: true })
      .filter(({ name }) => name !== 'node_modules' && name !== '.git') // Ignored, and large.
      .flatMap((entry) => {
        const inside = path === '' ? entry.name : `${path}/${entry.name}`
        return entry.isDirectory() ? filesBelow(inside) : [inside]
      })
  return filesBelow('').filter((path) => !isIgnored(path))
}

/** `*` within a name, names that begin with a dot included, and `**` for any number of folders. */
function asExpression(pattern: string): RegExp {
  const source = RegExp.escape(pattern).replaceAll('\\*\\*\\/', '(.*/)?').replaceAll('\\*', '[^/]*')
  return new RegExp(`^${source}$`)
}
