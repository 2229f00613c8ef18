import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { constants, getPriority } from 'node:os'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { canLimitData, diesWithParent, killGroup, limitData, spawnChild } from './cage.ts'

const isLinux = process.platform === 'linux'

test('a child and what it started end with one kill', async () => {
  const child = spawnChild('sh', ['-c', 'sleep 60 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'ignore'] })
  const [line] = await once(child.stdout!, 'data')
  const grandchild = Number(String(line))
  const closed = once(child.stdout!, 'close') // The grandchild holds the pipe too: it closes when both are gone.
  killGroup(child)
  await closed
  await untilGone(grandchild)
})

test('a sacrificed child is what the kernel kills first', { skip: !isLinux && 'needs Linux' }, async () => {
  const child = spawnChild('sleep', ['60'], { isSacrificed: true, stdio: 'ignore' })
  assert.equal(readFileSync(`/proc/${child.pid}/oom_score_adj`, 'utf8').trim(), '1000')
  killGroup(child)
  await once(child, 'exit')
})

test('a sacrificed child and what it starts get a processor last', { skip: !isLinux && 'needs Linux' }, async () => {
  const door = new URL('./cage.ts', import.meta.url).href
  const script = `import { spawnChild } from ${JSON.stringify(door)}
    const child = spawnChild('sleep', ['60'], { stdio: 'ignore' })
    console.log(child.pid)`
  const child = spawnChild(process.execPath, ['--input-type=module', '-e', script], {
    isSacrificed: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(child.stdout!, 'data')
  for (const pid of [child.pid!, Number(String(line))]) {
    assert.equal(getPriority(pid), constants.priority.PRIORITY_BELOW_NORMAL)
    if (existsSync('/proc/self/autogroup')) {
      assert.match(readFileSync(`/proc/${pid}/autogroup`, 'utf8'), /nice 10$/m)
    }
  }
  killGroup(child)
})

test('a Buffer beyond the limit fails inside the child', { skip: !canLimitData() && 'needs prlimit' }, async () => {
  const script = `process.on('message', () => {
    const kept = Buffer.alloc(32 << 20)
    try { process.send(String(Buffer.alloc(256 << 20).length)) } catch (error) { process.send(error.name + kept.length) }
    process.disconnect()
  }); process.send('up')`
  const child = spawnChild(process.execPath, ['-e', script], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = once(child, 'exit')
  await once(child, 'message')
  assert.ok(await limitData(child.pid!, 128 << 20))
  child.send('go')
  const [answer] = await once(child, 'message')
  assert.equal(answer, `RangeError${32 << 20}`)
  await exited
})

test('a busy child dies with its parent', { skip: !diesWithParent() && 'needs setpriv of util-linux' }, async () => {
  const door = new URL('./cage.ts', import.meta.url).href
  const script = `import { spawnChild } from ${JSON.stringify(door)}
    const child = spawnChild(process.execPath, ['-e', 'for (;;);'], { stdio: ['ignore', 'inherit', 'ignore'] })
    setTimeout(() => console.log(child.pid), 300); setInterval(() => {}, 1000)`
  const parent = spawnChild(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = await once(parent.stdout!, 'data')
  const closed = once(parent.stdout!, 'close')
  parent.kill('SIGKILL') // The parent alone, not its group.
  await closed
  await untilGone(Number(String(line)))
})

/** What a process had open is closed a moment before it is gone. One that stays makes the test run out of time. */
async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(10)
}

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has reaped yet is dead for our purpose.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

test('a child that handles foreign bytes finds only the variables that it is meant to inherit', async () => {
  const script = 'process.stdout.write(JSON.stringify(Object.keys(process.env)))'
  const child = spawnChild(process.execPath, ['-e', script], {
    inherits: ['PATH', 'NOT_SET'],
    environment: { OWN: '1' },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const names = JSON.parse((await child.stdout!.toArray()).join('')) as string[]
  assert.deepEqual(names.filter((name) => !name.startsWith('__CF')).sort(), ['OWN', 'PATH'])
})
