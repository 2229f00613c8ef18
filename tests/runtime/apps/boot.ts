/** An application whose start goes wrong in the way that a file in its folder says. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Application } from '../../../src/runtime.ts'

const way = readWay()
if (way === 'throw') throw new Error('this module does not load')

export default {
  async open() {
    if (way === 'never') await sleep(600_000)
    if (way === 'crash') process.exit(7)
  },
  fetch: () => new Response('booted'),
} satisfies Application

function readWay(): string {
  try {
    return readFileSync(`${process.env['TEST_FOLDER']}/way`, 'utf8')
  } catch {
    return 'well'
  }
}
