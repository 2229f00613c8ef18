/**
 * One start at a time prepares a checkout; the others wait and find the work done. It saves double work and protects
 * the build of the page. The packages would survive without: they are moved into place complete.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import process from 'node:process'
import { stopNpm } from './npm.mjs'
import { say } from './say.mjs'

const BEAT_MS = 1_000
const BEATS_MISSED_MAX = 10
const LEFTOVER_MS = 10 * 60_000
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']

export async function alone(root, work) {
  const cache = path.join(root, '.cache')
  const lock = path.join(cache, 'launch.lock')
  mkdirSync(cache, { recursive: true })
  await acquire(lock)
  const beat = setInterval(() => showLife(lock), BEAT_MS)
  const end = (signal) => {
    stopNpm(signal)
    release()
    process.kill(process.pid, signal)
  }
  const release = () => {
    clearInterval(beat)
    for (const signal of SIGNALS) process.off(signal, end)
    rmSync(lock, { force: true })
  }
  for (const signal of SIGNALS) process.on(signal, end)
  try {
    removeLeftovers(cache)
    await work()
  } finally {
    release()
  }
}

function showLife(lock) {
  try {
    utimesSync(lock, new Date(), new Date())
  } catch {
    // Somebody took us for dead, after a machine slept for instance. Two at once do no harm, see above.
  }
}

async function acquire(lock) {
  for (let isTold = false; ; ) {
    try {
      writeFileSync(lock, JSON.stringify({ pid: process.pid, host: os.hostname() }), { flag: 'wx' })
      return
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
    }
    if (isAbandoned(lock)) {
      rmSync(lock, { force: true })
      continue
    }
    if (!isTold) say('another start is preparing this folder, waiting for it …')
    isTold = true
    await new Promise((resolve) => setTimeout(resolve, BEAT_MS / 4))
  }
}

function isAbandoned(lock) {
  try {
    if (Date.now() - statSync(lock).mtimeMs > BEAT_MS * BEATS_MISSED_MAX) return true
    const { pid, host } = JSON.parse(readFileSync(lock, 'utf8'))
    return host === os.hostname() && !isAlive(pid)
  } catch {
    return false // Gone, or being written at this moment: the next look tells.
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** What installations that were cut off left behind. Into a young one an npm whose launcher was killed may still write. */
function removeLeftovers(cache) {
  for (const name of readdirSync(cache).filter((entry) => entry.startsWith('install-'))) {
    const place = path.join(cache, name)
    if (Date.now() - statSync(place).mtimeMs > LEFTOVER_MS) rmSync(place, { recursive: true, force: true })
  }
}
