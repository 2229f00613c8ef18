/** Writes a .br and a .gz beside each file of the page, so that the server compresses nothing while it serves. */
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'
import type { Plugin } from 'vite'

const TEXT = /\.(?:html|js|css|svg|json|txt)$/
/** What a first visit may cost, in bytes of gzipped script. The most that was promised is 150 KB. */
const SCRIPT_BYTES_MAX = 64 * 1024

export function precompress(): Plugin {
  let folder = ''
  return {
    name: 'knowbot:precompress',
    apply: 'build',
    configResolved(config) {
      folder = resolve(config.root, config.build.outDir)
    },
    closeBundle: {
      order: 'post',
      async handler() {
        const names = (await readdir(folder, { recursive: true })).filter((name) => TEXT.test(name))
        const sizes = await Promise.all(names.map((name) => compress(join(folder, name))))
        const index = await readFile(join(folder, 'index.html'), 'utf8')
        const isFirst = (name: string) => name.endsWith('.js') && index.includes(name)
        const scriptBytes = names.reduce((sum, name, i) => sum + (isFirst(name) ? sizes[i]! : 0), 0)
        if (scriptBytes > SCRIPT_BYTES_MAX)
          this.error(`Expected at most ${SCRIPT_BYTES_MAX} bytes of gzipped script, got ${scriptBytes}.`)
      },
    },
  }
}

/** Answers the gzipped size. */
async function compress(file: string): Promise<number> {
  const bytes = await readFile(file)
  const [gz, br] = await Promise.all([
    promisify(gzip)(bytes, { level: 9 }),
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } }),
  ])
  await Promise.all([writeFile(`${file}.gz`, gz), writeFile(`${file}.br`, br)])
  return gz.length
}
