/**
 * The page: the files that the build put into `web/dist`, known by name from one look into the folder, so that no path of a
 * request ever becomes a path on the disk. What the build compressed is served compressed; names with a hash never change.
 */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { PAGE_POLICY } from './security-headers.ts'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}
/** In the order in which they are preferred. */
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const
// As Vite names them: assets/index-Bx0bhO6v.css
const HASHED_NAME = /^\/assets\/.+-[\w-]{8,}\.\w+$/

interface StaticFile {
  type: string
  etag: string
  isHashed: boolean
  /** Paths on the disk by encoding. */
  variants: Readonly<Partial<Record<'identity' | 'br' | 'gzip', string>>>
}

export interface StaticFiles {
  /** Undefined when there is no such file. */
  serve(request: Request, path: string): Promise<Response | undefined>
}

export function openStaticFiles(folder: string): StaticFiles {
  let files: Promise<ReadonlyMap<string, StaticFile>> | undefined
  return {
    async serve(request, path) {
      files ??= look(folder)
      const known = await files
      // Not built yet: look again next time.
      if (known.size === 0) files = undefined
      const file = known.get(path === '/' ? '/index.html' : path)
      return file && respond(request, file)
    },
  }
}

async function look(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const paths = new Set(entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)))
  const files = new Map<string, StaticFile>()
  for (const path of paths) {
    const type = TYPES[extname(path)]
    if (type === undefined) continue
    const name = `/${relative(folder, path).split(sep).join('/')}`
    const compressed = ENCODINGS.filter(([, extension]) => paths.has(path + extension))
    files.set(name, {
      type,
      etag: createHash('sha256')
        .update(await readFile(path))
        .digest('base64url')
        .slice(0, 22),
      isHashed: HASHED_NAME.test(name),
      variants: Object.fromEntries([
        ['identity', path],
        ...compressed.map(([encoding, extension]) => [encoding, path + extension]),
      ]),
    })
  }
  return files
}

async function respond(request: Request, { type, etag, isHashed, variants }: StaticFile): Promise<Response> {
  const accepted = request.headers.get('accept-encoding') ?? ''
  const encoding =
    ENCODINGS.map(([name]) => name).find((name) => variants[name] && accepts(accepted, name)) ?? 'identity'
  // One tag per encoding: they are different bytes (RFC 9110 §8.8.3).
  const tag = `"${etag}${encoding === 'identity' ? '' : `-${encoding}`}"`
  const headers: Record<string, string> = {
    etag: tag,
    vary: 'accept-encoding',
    'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': PAGE_POLICY,
  }
  if (isKnown(request.headers.get('if-none-match'), tag)) return new Response(null, { status: 304, headers })
  const body = await readFile(variants[encoding]!)
  headers['content-type'] = type
  headers['content-length'] = String(body.byteLength)
  if (encoding !== 'identity') headers['content-encoding'] = encoding
  return new Response(body, { headers })
}

function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name, ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/)
    return (name === encoding || name === '*') && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}

function isKnown(ifNoneMatch: string | null, tag: string): boolean {
  return (ifNoneMatch ?? '')
    .split(',')
    .some((known) => known.trim().replace(/^W\//, '') === tag || known.trim() === '*')
}
