/** Where operators find the supervisor's pid. */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

export function writePidFile(path: string): Disposable {
  const aside = `${path}.${process.pid}.tmp`
  writeFileSync(aside, `${process.pid}\n`)
  renameSync(aside, path)
  return {
    [Symbol.dispose]: () => {
      // A successor may have written its own in the meantime.
      if (readPid(path) === process.pid) rmSync(path, { force: true })
    },
  }
}

function readPid(path: string): number | undefined {
  try {
    return Number(readFileSync(path, 'latin1'))
  } catch {
    return undefined
  }
}
