/** Runs npm: the one that started us where there is one, by the Node of our choice, its output on standard error. */
import { spawn } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'

const running = new Set()

/** Standard output of npm goes to standard error as well; its progress bar appears where that is a terminal. */
export async function npm(args, { folder, node }) {
  // The level, because .npmrc and `npm start --silent` ask for silence, which would hide why an installation failed.
  const child = spawn(node, [npmFile(), ...args, '--loglevel=notice', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
    // Scripts of packages say `node` and mean the one that was chosen.
    env: { ...process.env, PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}` },
  })
  running.add(child)
  const ended = await new Promise((resolve) => {
    child.on('error', (error) => resolve(error.message))
    child.on('close', (code, signal) => resolve(signal ?? code))
  })
  running.delete(child)
  if (ended !== 0) throw new Error(`npm ${args.join(' ')} failed (${ended}) in ${folder}. Its own words stand above.`)
}

/** For the moment when we are told to end. */
export function stopNpm(signal) {
  for (const child of running) child.kill(signal)
}

function npmFile() {
  const started = process.env.npm_execpath
  if (started && path.basename(started) === 'npm-cli.js' && existsSync(started)) return started
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const found = [path.join(folder, 'node_modules/npm/bin/npm-cli.js'), path.join(folder, 'npm')].find(existsSync)
    // Everywhere but on Windows `npm` is a link to npm-cli.js.
    if (found && path.basename(realpathSync(found)) === 'npm-cli.js') return realpathSync(found)
  }
  throw new Error('Expected npm on this machine, found none in PATH. It comes with Node, or as a package of its own.')
}
