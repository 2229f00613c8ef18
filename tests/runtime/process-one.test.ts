/** The supervisor as process 1 of a container: orphans of others become its children. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { startSupervisor, text, until } from './support.ts'

const canUnshare = spawnSync('unshare', ['-p', '-f', '--mount-proc', 'true']).status === 0
const skip = !canUnshare && 'needs the right to make a process namespace (root)'

test('S17: a stranger that became our child and dies is ignored, and TERM ends process 1 with 0', {
  skip,
}, async () => {
  await using server = await startSupervisor({ prefix: ['unshare', '-p', '-f', '--mount-proc', '--kill-child'] })
  await text(`${server.url}/orphan`)
  assert.equal(await text(server.url), 'hello')
  const { supervisor } = await server.status()
  assert.equal(supervisor.pid, 1)
  await server.control('stop')
  await until(() => server.process.exitCode !== null, 'the end')
  assert.equal(server.process.exitCode, 0)
})

test('S40: as process 1 an upgrade is refused with the reason', { skip }, async () => {
  await using server = await startSupervisor({ prefix: ['unshare', '-p', '-f', '--mount-proc', '--kill-child'] })
  await text(`${server.url}/signal?name=SIGUSR2`)
  await until(() => server.log().includes('its end ends the container'), 'the reason in the log')
  await server.control('stop')
  await until(() => server.process.exitCode !== null, 'the end')
})
