/**
 * The shape of src/: which component may import which, by which door, and what each kind of process may load. Rules are
 * functions from a tree to its violations, so that a test can hold them against the real tree and against planted ones.
 */
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** Path below src/ and text. */
export type Tree = ReadonlyMap<string, string>

/** One line per violation, naming the file. */
export type Rule = (shape: Shape) => string[]

/** What one file names and what Node loads with it, ours as paths below src/, others as `node:fs` or `hono`. */
interface Imports {
  /** All mentions: types and `import()` on first use included. */
  mentioned: string[]
  /** Static imports that are not erased: what Node loads at once. */
  loaded: string[]
}

export interface Shape {
  tree: Tree
  imports: ReadonlyMap<string, Imports>
}

const FLOOR = ['errors', 'lib']

/** Which component may import which, besides errors and lib. A missing edge is a decision, not an omission. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  api: [],
  errors: [],
  runtime: ['lib'],
  config: FLOOR,
  storage: FLOOR,
  inference: FLOOR,
  extraction: FLOOR,
  jobs: ['storage', ...FLOOR],
  accounts: ['storage', ...FLOOR],
  search: ['storage', 'inference', ...FLOOR],
  models: ['storage', 'inference', ...FLOOR],
  documents: ['storage', 'extraction', 'search', 'jobs', ...FLOOR],
  chat: ['storage', 'inference', 'search', ...FLOOR],
  evaluation: ['storage', 'search', 'chat', ...FLOOR],
  app: ['api', 'accounts', 'documents', 'search', 'chat', 'jobs', 'models', 'evaluation', ...FLOOR],
  knowbot: [
    ...['api', 'config', 'storage', 'inference', 'extraction', 'jobs', 'accounts', 'search', 'models'],
    ...['documents', 'chat', 'evaluation'],
    ...FLOOR,
  ],
  cli: ['config', 'runtime', 'knowbot', 'api', ...FLOOR],
  bin: ['cli', 'app', 'config', 'knowbot', 'runtime', ...FLOOR],
}

/** Files that something outside of src/ starts or reads: processes, and the wire contract that the page takes its types from. */
const ENTRIES = [/^bin\//, /^extraction\/child\.ts$/, /^runtime\/[^/]+-main\.ts$/, /^api\.ts$/]

/** Where the command begins, and the file that turns it into the supervisor. */
const SUPERVISOR = ['bin/knowbot.ts', 'cli/serve.ts']
const SUPERVISOR_COMPONENTS = new Set(['bin', 'cli', 'config', 'runtime', ...FLOOR])
const HTTP = new Set(['node:http', 'node:https', 'node:http2', 'undici', 'hono'])

/** Packages that parse the bytes of strangers. */
const READERS = ['sharp', '@embedpdf/pdfium', 'tesseract.js-core', 'chardet', 'htmlparser2']

export const RULES = {
  'a component imports only the components it may': (shape) =>
    ourEdges(shape, 'mentioned')
      .filter(([from, to]) => !mayImport(componentOf(from), componentOf(to)))
      .map(([from, to]) => `${from} imports ${to}: ${componentOf(from)} may not know ${componentOf(to)}`),

  'other components are entered by their door: search.ts, never search/fusion.ts': (shape) =>
    ourEdges(shape, 'mentioned')
      .filter(([from, to]) => componentOf(from) !== componentOf(to) && to.includes('/') && !to.startsWith('lib/'))
      .map(([from, to]) => `${from} reaches behind a door, into ${to}`),

  'what is loaded forms no cycle': (shape) => cyclesOf(shape),

  'every import leads to a file': (shape) =>
    ourEdges(shape, 'mentioned')
      .filter(([, to]) => !shape.tree.has(to))
      .map(([from, to]) => `${from} imports ${to}, which is not there`),

  'every file is reached from a process': (shape) => {
    const entries = [...shape.tree.keys()].filter((file) => ENTRIES.some((entry) => entry.test(file)))
    const reached = reachableFrom(entries, shape, 'mentioned')
    return [...shape.tree.keys()]
      .filter((file) => !reached.has(file))
      .map((file) => `${file} is reached from no process`)
  },

  'the supervisor loads neither the application nor HTTP nor a package': (shape) =>
    [...reachableFrom(SUPERVISOR, shape, 'loaded')].flatMap((file) => {
      if (!shape.tree.has(file)) return [`${file} is not there`]
      if (!SUPERVISOR_COMPONENTS.has(componentOf(file))) return [`the supervisor loads ${file}`]
      const foreign = loadedBy(shape, file).filter(
        (name) => !isOurs(name) && (!name.startsWith('node:') || HTTP.has(name)),
      )
      return foreign.map((name) => `the supervisor loads ${name} through ${file}`)
    }),

  'what parses the bytes of strangers is loaded by the extractor alone': (shape) => {
    const others = [...shape.tree.keys()].filter((file) => /^(bin|runtime)\//.test(file))
    return [...reachableFrom(others, shape, 'mentioned')].flatMap((file) =>
      mentionedBy(shape, file)
        .filter((name) => READERS.some((reader) => name === reader || name.startsWith(`${reader}/`)))
        .map((name) => `${file} loads ${name} in a process that is not the extractor`),
    )
  },

  'search, chat, documents and the ground know no HTTP': (shape) =>
    [...shape.imports].flatMap(([file, { mentioned }]) =>
      ['search', 'chat', 'documents', 'jobs', 'storage', 'extraction', 'accounts'].includes(componentOf(file))
        ? mentioned
            .filter((name) => HTTP.has(name) || name.startsWith('hono/'))
            .map((name) => `${file} imports ${name}`)
        : [],
    ),

  // lib/cage.ts hands the environment on to the children that it starts, unread.
  'only config reads the environment': (shape) =>
    filesSaying(
      shape,
      /\bprocess\.env\b|\bprocess\s*\[\s*['"]env|\benv\b[^}\n]*\}\s*from\s*['"](?:node:)?process['"]/,
      ['config', 'lib/cage.ts', 'runtime/upgrade.ts'],
    ),

  // Exceptions: pipes to whoever started the process (the extractor's words when it dies, the stack that a helper reads out of
  // a hung worker), the access log where it is told to go there, and the streams that an upgrade hands to its successor.
  'only lib/log.ts writes to the console, and cli its results': (shape) => [
    ...filesSaying(shape, /\bconsole\.\w+\s*\(|\bprocess\.stdout\b/, [
      'cli',
      'lib/log.ts',
      'runtime/stack-main.ts',
      'runtime/upgrade.ts',
    ]),
    ...filesSaying(shape, /\bprocess\.stderr\b/, [
      'cli',
      'lib/log.ts',
      'extraction',
      'runtime/access-log.ts',
      'runtime/upgrade.ts',
    ]),
  ],

  'no upload is held in memory: nothing calls formData()': (shape) => filesSaying(shape, /\.formData\s*\(/, []),
} satisfies Record<string, Rule>

export function shapeOf(tree: Tree): Shape {
  return { tree, imports: new Map([...tree].map(([file, source]) => [file, importsOf(file, source)])) }
}

/** The files of src/ without tests. */
export function readTree(src: string): Tree {
  const files = globSync('**/*.ts', { cwd: src, exclude: ['**/*.test.ts'] }).sort()
  return new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]))
}

export function countEdges(shape: Shape): number {
  return ourEdges(shape, 'mentioned').length
}

// Both kinds of quotes. `import { type A }` without a value stays as a load: only `import type` is erased as a whole.
const STATIC =
  /^(?:import|export)\s+(?<type>type\s+)?(?:\{[^}]*\}|\*(?:\s+as\s+\w+)?|\w+(?:\s*,\s*(?:\{[^}]*\}|\*\s+as\s+\w+))?)\s+from\s*['"](?<name>[^'"]+)['"]/gm
const FOR_EFFECT = /^import\s*['"](?<name>[^'"]+)['"]/gm
const ON_FIRST_USE = /\bimport\s*\(\s*['"](?<name>[^'"]+)['"]/g

function importsOf(file: string, source: string): Imports {
  const resolve = (name: string) => (name.startsWith('.') ? normalize(join(dirname(file), name)) : name)
  const named = (pattern: RegExp, keep: (match: RegExpExecArray) => boolean = () => true) =>
    [...source.matchAll(pattern)].filter(keep).map((match) => resolve(match.groups?.['name'] ?? ''))
  const loaded = [...named(STATIC, (match) => match.groups?.['type'] === undefined), ...named(FOR_EFFECT)]
  return { loaded, mentioned: [...named(STATIC), ...named(FOR_EFFECT), ...named(ON_FIRST_USE)] }
}

function mayImport(from: string, to: string): boolean {
  return from === to || (MAY_IMPORT[from]?.includes(to) ?? false)
}

function ourEdges(shape: Shape, kind: keyof Imports): [string, string][] {
  return [...shape.imports].flatMap(([file, imports]) =>
    imports[kind].filter(isOurs).map((target): [string, string] => [file, target]),
  )
}

function isOurs(name: string): boolean {
  return name.endsWith('.ts')
}

function loadedBy(shape: Shape, file: string): string[] {
  return shape.imports.get(file)?.loaded ?? []
}

function mentionedBy(shape: Shape, file: string): string[] {
  return shape.imports.get(file)?.mentioned ?? []
}

function reachableFrom(entries: readonly string[], shape: Shape, kind: keyof Imports): Set<string> {
  const reached = new Set(entries)
  // A Set visits members added while it is being iterated, so this loop is the whole search.
  for (const file of reached)
    for (const target of shape.imports.get(file)?.[kind] ?? []) if (isOurs(target)) reached.add(target)
  return reached
}

function cyclesOf(shape: Shape): string[] {
  const finished = new Set<string>()
  return [...shape.tree.keys()].flatMap((file) => visit(file, []))

  function visit(file: string, path: readonly string[]): string[] {
    if (path.includes(file)) return [`cycle: ${[...path.slice(path.indexOf(file)), file].join(' -> ')}`]
    if (finished.has(file)) return []
    const found = loadedBy(shape, file)
      .filter(isOurs)
      .flatMap((target) => visit(target, [...path, file]))
    finished.add(file)
    return found
  }
}

/** Files outside of `allowed`, components or single files, whose text matches. */
function filesSaying(shape: Shape, pattern: RegExp, allowed: readonly string[]): string[] {
  return [...shape.tree]
    .filter(([file, source]) => !allowed.includes(file) && !allowed.includes(componentOf(file)) && pattern.test(source))
    .map(([file, source]) => `${file} says ${pattern.exec(source)?.[0]}`)
}

function componentOf(file: string): string {
  return file.split('/')[0]!.replace(/\.ts$/, '')
}
