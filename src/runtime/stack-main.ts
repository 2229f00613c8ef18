/**
 * Started for one question: where is the JavaScript of process PID right now? SIGUSR1 opens the inspector of a process even
 * when its loop never turns, and the inspector answers from a thread of its own. A helper, because the client costs 6.5 MB
 * that the supervisor need not carry. Prints the stack and exits; `node stack-main.ts PID`.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const FRAMES_MAX = 30

interface Frame {
  functionName: string
  location: { scriptId: string; lineNumber: number; columnNumber: number }
}

/** Where the scripts of the process come from; told one by one when the debugger is enabled. */
const scriptUrls = new Map<string, string>()

const pid = Number(process.argv[2])
const before = listeningPorts(pid)
process.kill(pid, 'SIGUSR1')
const port = await openedPort(pid, before)
const frames = await readFrames(await debuggerUrl(port))
process.stdout.write(`${frames.map(printFrame).join('\n')}\n`)
process.exit(0)

async function openedPort(of: number, known: ReadonlySet<number>): Promise<number> {
  for (;;) {
    const opened = [...listeningPorts(of)].find((candidate) => !known.has(candidate))
    if (opened !== undefined) return opened
    // Asked a second time, the inspector is open already, on a port that was there before.
    for (const candidate of known) if (await isInspector(candidate)) return candidate
    await sleep(20)
  }
}

async function isInspector(candidate: number): Promise<boolean> {
  return (await debuggerUrl(candidate).catch(() => '')) !== ''
}

async function debuggerUrl(of: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${of}/json/list`, { signal: AbortSignal.timeout(300) })
  const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[]
  return target!.webSocketDebuggerUrl
}

function readFrames(url: string): Promise<Frame[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Frame[]>()
  const socket = new WebSocket(url)
  const send = (id: number, method: string, params = {}) => socket.send(JSON.stringify({ id, method, params }))
  let found: Frame[] = []
  socket.onerror = () => reject(new Error('The inspector closed the connection.'))
  socket.onopen = () => {
    send(1, 'Debugger.enable')
    send(2, 'Debugger.pause')
  }
  socket.onmessage = ({ data }) => {
    const { method, params, id } = JSON.parse(String(data))
    if (method === 'Debugger.scriptParsed') scriptUrls.set(params.scriptId, params.url)
    if (method === 'Debugger.paused') {
      found = params.callFrames
      send(3, 'Debugger.resume')
      // For one that is not hung: it goes on, and the door is closed behind us.
      send(4, 'Runtime.evaluate', {
        expression: "setTimeout(() => process.getBuiltinModule('node:inspector').close(), 100).unref()",
      })
      setTimeout(() => resolve(found), 100)
    }
    if (id === 4) resolve(found)
  }
  return promise
}

function printFrame({ functionName, location }: Frame): string {
  const name = functionName || '(anonymous)'
  const url = scriptUrls.get(location.scriptId) ?? ''
  return `    at ${name} (${url}:${location.lineNumber + 1}:${location.columnNumber + 1})`
}

/** TCP ports on which a process listens: its socket inodes, looked up in its network namespace's table (proc(5)). */
function listeningPorts(of: number): Set<number> {
  const inodes = new Set<string>()
  for (const fd of readdirSync(`/proc/${of}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${of}/fd/${fd}`))?.[1]
      if (inode) inodes.add(inode)
    } catch {
      // Closed in between.
    }
  }
  const ports = new Set<number>()
  for (const line of readFileSync(`/proc/${of}/net/tcp`, 'latin1')
    .split('\n')
    .slice(1, 1 + 100_000)) {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/)
    if (state === '0A' && inode && inodes.has(inode)) ports.add(Number.parseInt(local!.split(':')[1]!, 16))
  }
  return new Set([...ports].slice(0, FRAMES_MAX))
}
