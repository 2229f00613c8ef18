/** The most that a reader and what it has started have held together, looked at while they run. */
import { readdirSync, readFileSync } from 'node:fs'

/** Recognising a page takes seconds: it does not rise and fall between two looks. */
const LOOK_MS = 50

/** Anonymous memory in bytes; 0 where /proc does not tell. */
export function watchHighWater(pid: number | undefined): { bytes(): number } & Disposable {
  let most = 0
  const look = () => {
    if (pid !== undefined) most = Math.max(most, heldBytes(pid))
  }
  const timer = setInterval(look, LOOK_MS)
  return { bytes: () => most, [Symbol.dispose]: () => clearInterval(timer) }
}

function heldBytes(pid: number): number {
  const own = 1024 * Number(/^RssAnon:\s+(\d+) kB/m.exec(readText(`/proc/${pid}/status`))?.[1] ?? 0)
  return childrenOf(pid).reduce((sum, child) => sum + heldBytes(child), own)
}

function childrenOf(pid: number): number[] {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    return threads.flatMap((thread) =>
      readText(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
    )
  } catch {
    return [] // It has ended.
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // It has ended, or this is no Linux.
  }
}
