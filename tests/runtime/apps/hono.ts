/** A Hono application, as docs/runtime.md shows it. */
import { Hono } from 'hono'

const app = new Hono()
app.get('/', (context) => context.text('hello'))
app.post('/json', async (context) => context.json({ got: await context.req.json() }, 201, { 'x-tag': 'one' }))
app.get('/copy', async (context) => {
  const copied = new Request(context.req.raw, { headers: { 'x-more': 'yes' } })
  const response = await fetch('data:,fetched')
  return context.json({
    isRequest: context.req.raw instanceof Request,
    isCopy: copied instanceof Request,
    more: copied.headers.get('x-more'),
    isResponse: response instanceof Response && new Response('x') instanceof Response,
    cloned: await new Response('twice').clone().text(),
    agent: context.req.raw.clone().headers.get('user-agent'),
  })
})
app.get('/cookies', (context) => {
  context.header('set-cookie', 'a=1', { append: true })
  context.header('set-cookie', 'b=2', { append: true })
  return context.body(null, 204)
})

export default app
