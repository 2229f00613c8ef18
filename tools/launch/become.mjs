/** The last step of a launch: this process turns into the program, or, where that is not possible, stands in for it. */
import { spawn, spawnSync } from 'node:child_process'
import process from 'node:process'

const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2', 'SIGTTIN', 'SIGTTOU', 'SIGWINCH']
const PARENT_LOOK_MS = 500

// A TERM to npm ends the shell between npm and us, which tells nobody: without more ado the program would run on.
const isUnderNpm = process.env.npm_lifecycle_event !== undefined
const isWindows = process.platform === 'win32'

export function become(node, args, moreEnv) {
  const env = { ...process.env, ...moreEnv }
  const line = [...(isUnderNpm ? endedWithItsParent() : []), node, ...args]
  // The same process, with its number, streams and signals, where this Node can do that (from 22.15 on).
  if (process.execve && !isWindows) process.execve(line[0], line, env)
  else standInFor(spawn(line[0], line.slice(1), { env, stdio: 'inherit' }))
}

/** On Linux with util-linux the kernel sends TERM to the program when the process that started it dies. */
function endedWithItsParent() {
  const command = ['/usr/bin/env', 'setpriv', '--pdeathsig', 'TERM']
  const isThere = process.platform === 'linux' && spawnSync(command[0], [...command.slice(1), 'true']).status === 0
  return isThere ? command : []
}

function standInFor(child) {
  for (const signal of isWindows ? [] : PASSED_ON) process.on(signal, () => child.kill(signal))
  // A terminal tells all of its processes itself. Twice would be two, and the second INT means in a hurry.
  process.on('SIGINT', () => isWindows || process.stdin.isTTY || child.kill('SIGINT'))
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    child.kill('SIGTERM')
  }, PARENT_LOOK_MS)
  if (!isUnderNpm) clearInterval(look)

  child.on('error', (error) => {
    throw error
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
