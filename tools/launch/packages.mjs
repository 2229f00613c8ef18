/**
 * Packages of one folder, as its lock file wants them. They are installed aside and moved into place when complete:
 * an installation that is cut off, or two at once, never leave half a tree, and a server that runs from this checkout
 * finds its files at every moment.
 */
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import process from 'node:process'
import { npm } from './npm.mjs'
import { sayWhile } from './say.mjs'

/** The step that installs `folder`; done where there is no lock file, because then there is nothing to install. */
export function packages({ root, folder = root, node, withDev }) {
  return {
    isDone: () => missingPackage(folder, withDev) === undefined,
    run: async (what = folder === root ? 'packages' : `packages of ${path.basename(folder)}`) => {
      await sayWhile(`installing ${what}`, 'installed', () => install({ root, folder, node, withDev }))
      const missing = missingPackage(folder, withDev)
      // npm leaves out an optional package that it cannot fetch, and calls that a success.
      if (missing)
        throw new Error(`npm ended well and left out ${missing}. Please look at the network and start again.`)
    },
  }
}

/** The first package that the lock file wants and that is not there, going by what npm says that it installed. */
function missingPackage(folder, withDev) {
  const wanted = readPackages(path.join(folder, 'package-lock.json'))
  if (!wanted || Object.keys(wanted).every((place) => place === '')) return undefined
  // npm writes this file last, so it is missing after an installation that was cut off.
  const installed = readPackages(path.join(folder, 'node_modules/.package-lock.json'))
  if (!installed) return 'everything'
  // A tree for another kind of machine comes with a copied or mounted folder.
  const foreign = Object.entries(installed).find(([, pack]) => pack.os && !lists(pack.os, process.platform))
  if (foreign) return foreign[0]
  return Object.entries(wanted).find(([place, pack]) => {
    if (place === '' || (pack.dev && !withDev)) return false
    const found = installed[place]
    if (!found) return !(pack.optional || pack.devOptional) || isBinaryForThisMachine(pack)
    return found.version !== pack.version || found.integrity !== pack.integrity || !existsSync(path.join(folder, place))
  })?.[0]
}

/** Packages with compiled code are optional by name and needed in fact: one of them fits each machine. */
function isBinaryForThisMachine(pack) {
  if (!pack.os || !pack.cpu || !lists(pack.os, process.platform) || !lists(pack.cpu, process.arch)) return false
  return !pack.libc || lists(pack.libc, existsSync('/etc/alpine-release') ? 'musl' : 'glibc')
}

/** npm's lists are one name or several, and a name after `!` means every other. */
function lists(names, name) {
  return [names].flat().some((entry) => entry === name || (entry.startsWith('!') && entry !== `!${name}`))
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch {
    return undefined // Missing or cut off: both mean that nothing is known.
  }
}

async function install({ root, folder, node, withDev }) {
  // Optional packages always: sharp and Vite's bundler have their binaries there and fail without.
  const ci = ['ci', withDev ? '--include=dev' : '--omit=dev', '--include=optional']
  const aside = path.join(root, '.cache', `install-${process.pid}-${Date.now()}`)
  mkdirSync(aside, { recursive: true })
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) {
    if (existsSync(path.join(folder, file))) copyFileSync(path.join(folder, file), path.join(aside, file))
  }
  try {
    await npm(ci, { folder: aside, node })
    moveIntoPlace(path.join(aside, 'node_modules'), path.join(folder, 'node_modules'), path.join(aside, 'replaced'))
  } catch (error) {
    // EBUSY, EXDEV: node_modules is a volume of its own. Then there is no moving, and npm works on the spot.
    if (error.code !== 'EBUSY' && error.code !== 'EXDEV') throw error
    await npm(ci, { folder, node })
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function moveIntoPlace(from, to, replaced) {
  if (existsSync(to)) renameSync(to, replaced)
  try {
    renameSync(from, to)
  } catch (error) {
    // Somebody who did not wait for us was a moment earlier. What they installed is looked at next.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
  }
}
