/** The web page: `npm run build` in web/ makes web/dist, again whenever something that it is made from has changed. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import { fingerprint, readNote, writeNote } from './fingerprint.mjs'
import { npm } from './npm.mjs'
import { packages } from './packages.mjs'
import { sayWhile } from './say.mjs'

// The page takes its types from the wire contract, which Vite reads as well.
const INPUTS = ['web', 'src/api.ts', 'src/api']

/** The step that builds the page, with the packages that building needs; done where there is no page in the checkout. */
export function page(root, node) {
  const folder = path.join(root, 'web')
  const index = path.join(folder, 'dist/index.html')
  const tools = packages({ root, folder, node, withDev: true })
  return {
    isDone: () =>
      !existsSync(path.join(folder, 'package.json')) ||
      (existsSync(index) && readNote(root, 'page') === fingerprint(root, INPUTS)),
    run: async () => {
      if (!tools.isDone()) await tools.run('what building the page needs')
      const inputs = fingerprint(root, INPUTS)
      writeNote(root, 'page', '') // A build that is cut off is then built again.
      await sayWhile('building the page', 'built', () => npm(['run', 'build'], { folder, node }))
      writeNote(root, 'page', inputs)
    },
  }
}
