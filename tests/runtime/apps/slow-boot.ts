/** An application that takes its time to start. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Application } from '../../../src/runtime.ts'

export default {
  open: () => sleep(700),
  fetch: () => new Response('booted'),
} satisfies Application
