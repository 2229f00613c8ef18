/** The last step of a launch: this process turns into the program, or, where that is not possible, stands in for it. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import process from 'node:process'

const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH']

/** The same process, with its number, its streams and its signals, where this Node can do that (22.15, not on Windows). */
export function become(node, args, moreEnv) {
  const env = { ...process.env, ...moreEnv }
  if (typeof process.execve === 'function' && process.platform !== 'win32') process.execve(node, [node, ...args], env)
  else standInFor(spawn(node, args, { env, stdio: 'inherit' }))
}

function standInFor(child) {
  for (const signal of PASSED_ON) {
    if (signal in constants.signals && process.platform !== 'win32') process.on(signal, () => child.kill(signal))
  }
  // On Windows the console tells every process itself; we only have to stay until the program has ended.
  if (process.platform === 'win32') process.on('SIGINT', () => {})
  child.on('error', (error) => {
    throw error
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
