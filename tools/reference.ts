/** `npm run reference`: writes the reference pages from the tables in the code. With `--check`, says which are stale instead. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { COMMANDS, renderCommandsPage } from '../src/cli.ts'
import { renderEnvExample, renderSettingsPage } from '../src/config.ts'
import { renderErrorsPage, renderHttpPage, renderOpenApi } from './openapi.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** Path in the project, and what must stand there. */
export const PAGES: Readonly<Record<string, () => string | Promise<string>>> = {
  '.env.example': renderEnvExample,
  'docs/reference/settings.md': renderSettingsPage,
  'docs/reference/commands.md': () => renderCommandsPage(COMMANDS),
  'docs/reference/openapi.json': renderOpenApi,
  'docs/reference/http.md': renderHttpPage,
  'docs/reference/errors.md': renderErrorsPage,
}

if (import.meta.main) {
  const isCheck = process.argv.includes('--check')
  for (const [path, render] of Object.entries(PAGES)) {
    const text = await render()
    const known = await readFile(join(ROOT, path), 'utf8').catch(() => undefined)
    if (known === text) continue
    if (isCheck) {
      process.stderr.write(`${path} is stale: run \`npm run reference\`\n`)
      process.exitCode = 1
      continue
    }
    await mkdir(dirname(join(ROOT, path)), { recursive: true })
    await writeFile(join(ROOT, path), text)
    process.stderr.write(`wrote ${path}\n`)
  }
}
