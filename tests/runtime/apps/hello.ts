/** The smallest application, and a few of its bad habits, by path. */
import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Application, WorkerHost } from '../../../src/runtime.ts'

let host: WorkerHost
const heard: string[] = []
const leaked: Buffer[] = []

export default {
  async open(given) {
    host = given
    host.subscribe('news', (data) => heard.push(String(data)))
  },
  async fetch(request, info) {
    const url = new URL(request.url)
    switch (url.pathname) {
      case '/pid':
        return new Response(String(process.pid))
      case '/slow':
        await sleep(Number(url.searchParams.get('ms')))
        return new Response('slept')
      case '/ready':
        return new Response(null, { status: host.draining.aborted ? 503 : 200 })
      case '/info':
        return Response.json(info)
      case '/orphan':
        // The shell ends at once, and what it started falls to process 1.
        spawn('sh', ['-c', '(sleep 0.2; exit 3) &'], { stdio: 'ignore', detached: true })
        await sleep(500)
        return new Response('left alone')
      case '/signal':
        process.kill(process.ppid, url.searchParams.get('name') as NodeJS.Signals)
        return new Response('signalled')
      case '/seen':
        return Response.json({ address: info.peer?.address, url: request.url })
      case '/echo':
        return new Response(request.body)
      case '/throw':
        throw new Error('on purpose')
      case '/uncaught':
        setImmediate(() => {
          throw new Error('nobody caught this')
        })
        return new Promise(() => undefined)
      case '/block': {
        const end = performance.now() + Number(url.searchParams.get('ms'))
        while (performance.now() < end);
        return new Response('blocked')
      }
      case '/disconnect':
        process.disconnect()
        break
      case '/leak':
        leaked.push(Buffer.alloc(Number(url.searchParams.get('mb')) * 1024 * 1024, 1))
        return new Response('leaked')
      case '/waste':
        // Held long enough to become old, then by nobody.
        setTimeout(
          (_kept) => undefined,
          1000,
          Array.from({ length: 20 }, () => Buffer.alloc(1024 * 1024, 1)),
        )
        return new Response('wasted')
      case '/hang':
        for (;;);
      case '/exit':
        process.exit(Number(url.searchParams.get('code')))
        break
      case '/work':
        host.announceWork({ waiting: true, nextAt: null })
        return new Response('announced')
      case '/later':
        host.announceWork({ waiting: false, nextAt: Date.now() + Number(url.searchParams.get('ms')) })
        return new Response('announced')
      case '/publish':
        host.publish('news', url.searchParams.get('text'))
        return new Response('published')
      case '/heard':
        return Response.json(heard)
      case '/status':
        return Response.json(await host.status())
      case '/environment':
        return Response.json(process.env)
    }
    return new Response('hello')
  },
  classify: ({ path }) => (path === '/critical' ? 'critical' : 'normal'),
} satisfies Application
