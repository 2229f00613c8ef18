/** A progress line on standard error; nothing at all where that is no terminal. */
import { harmless } from './print.ts'

export interface Progress extends Disposable {
  show(what: string, done: number, total: number): void
}

const BAR_WIDTH = 20

export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { show: () => undefined, [Symbol.dispose]: () => undefined }
  let isShown = false
  return {
    show(what, done, total) {
      const filled = total === 0 ? 0 : Math.round((BAR_WIDTH * done) / total)
      const line = `${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)} ${done}/${total} ${harmless(what)}`
      stream.write(`\r\u001b[2K${[...line].slice(0, (stream.columns ?? 80) - 1).join('')}`)
      isShown = true
    },
    [Symbol.dispose]() {
      if (isShown) stream.write('\r\u001b[2K')
    },
  }
}
