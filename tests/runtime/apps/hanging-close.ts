/** An application whose close never comes to an end. */
import type { Application } from '../../../src/runtime.ts'

export default {
  fetch: () => new Response('hello'),
  close: () => new Promise(() => undefined),
} satisfies Application
