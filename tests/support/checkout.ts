/** A small checkout with the real launcher and programs that tell what they were given, for tests of the launcher. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { TestContext } from 'node:test'

const ROOT = join(import.meta.dirname, '../..')

export interface Started {
  child: ChildProcess
  /** Once it has ended. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string }>
}

/** Its one package comes from a file beside it, so that nothing here needs a network. */
export function makeCheckout(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'knowbot-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  const checkout = join(folder, 'checkout')
  cpSync(join(ROOT, 'tools/launch'), join(checkout, 'tools/launch'), { recursive: true })
  for (const file of ['.npmrc', 'tools/launch.mjs', 'tools/warm-compile-cache.ts']) {
    cpSync(join(ROOT, file), join(checkout, file))
  }
  const program = `process.on('SIGTERM', () => process.exit(console.log('told to end') ?? 7))
    console.log(JSON.stringify({ args: process.argv.slice(2), node: process.version, pid: process.pid }))
    if (process.argv.includes('wait')) setInterval(() => {}, 1_000)
    else process.exitCode = Number(process.argv.at(-1)) || 0`
  write(join(checkout, 'src/bin/knowbot.ts'), program)
  write(join(checkout, 'tools/test.ts'), program)

  write(join(folder, 'leaf/package.json'), json({ name: 'leaf', version: '1.0.0', license: 'MIT' }))
  execFileSync('npm', ['pack', './leaf', '--silent'], { cwd: folder, stdio: 'ignore' })
  const tarball = join(folder, 'leaf-1.0.0.tgz')
  const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`
  const root = { name: 'checkout', version: '1.0.0', dependencies: { leaf: `file:${tarball}` } }
  const scripts = { start: 'node tools/launch.mjs start' }
  write(join(checkout, 'package.json'), json({ ...root, private: true, scripts }))
  const leaf = { version: '1.0.0', resolved: `file:${tarball}`, integrity, license: 'MIT' }
  writeLock(checkout, { '': root, 'node_modules/leaf': leaf })
  return checkout
}

/** A page whose building counts how often it was built. */
export function addPage(checkout: string): void {
  const web = join(checkout, 'web')
  const build = `node -e "const fs=require('fs');fs.mkdirSync('dist',{recursive:true});fs.appendFileSync('dist/index.html','built ')"`
  write(join(web, 'package.json'), json({ name: 'web', version: '1.0.0', private: true, scripts: { build } }))
  write(join(web, 'main.ts'), '')
  writeLock(web, { '': { name: 'web', version: '1.0.0' } })
}

/** From now on an installation announces itself by the file `installing` and stands still until the file `go` is there. */
export function holdInstallations(checkout: string): { installing: string; letGo(): void } {
  const [installing, go] = [join(checkout, 'installing'), join(checkout, 'go')]
  const wait = `const fs=require('fs');fs.appendFileSync('${installing}','x');setInterval(()=>fs.existsSync('${go}')&&process.exit(),20)`
  write(join(checkout, 'wait.cjs'), wait)
  const pack = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8'))
  pack.scripts.postinstall = `node ${join(checkout, 'wait.cjs')}`
  write(join(checkout, 'package.json'), json(pack))
  return { installing, letGo: () => write(go, '') }
}

export function launch(checkout: string, args: readonly string[], node = process.execPath): Started {
  return start(node, [join(checkout, 'tools/launch.mjs'), ...args], checkout)
}

export function start(file: string, args: readonly string[], cwd: string): Started {
  const child = spawn(file, args, { cwd, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] })
  const said = { stdout: '', stderr: '' }
  child.stdout.setEncoding('utf8').on('data', (text) => (said.stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (said.stderr += text))
  return { child, ended: once(child, 'close').then(([code, signal]) => ({ code, signal, ...said })) }
}

/** A Node on this machine that is too old for KnowBot, where there is one. */
export function findOldNode(): string | undefined {
  const places = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  return places.filter(existsSync).find((node) => {
    const version = execFileSync(node, ['--version'], { encoding: 'utf8' })
    const [major = 0, minor = 0] = version.slice(1).split('.').map(Number)
    return major < 24 || (major === 24 && minor < 20)
  })
}

/** What the surrounding `npm test` says about itself is not for the npm in here. */
function environment(): NodeJS.ProcessEnv {
  const isForeign = (name: string) => /^npm_|^NODE_COMPILE_CACHE$|^NODE_TEST_CONTEXT$/i.test(name)
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => !isForeign(name)))
  // npm is started by the `node` that comes first.
  return { ...kept, PATH: `${dirname(process.execPath)}${delimiter}${kept['PATH']}` }
}

function writeLock(folder: string, packages: Record<string, object>): void {
  write(join(folder, 'package-lock.json'), json({ lockfileVersion: 3, requires: true, packages }))
}

function write(file: string, text: string): void {
  mkdirSync(join(file, '..'), { recursive: true })
  writeFileSync(file, text)
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
