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
app.post('/body', async (context) => {
  const request = context.req.raw
  const usedBefore = request.bodyUsed
  const { body } = request
  const isSame = request.body === body
  const twin = request.clone()
  const usedByClone = request.bodyUsed
  const text = await request.text()
  const again = await request.text().catch(({ name }) => name)
  return context.json({ usedBefore, isSame, usedByClone, text, used: request.bodyUsed, again, twin: await twin.text() })
})
app.post('/body-by-hand', async (context) => {
  const request = context.req.raw
  const reader = request.body!.getReader()
  const { value } = await reader.read()
  const used = request.bodyUsed
  const mode = request.redirect
  const again = await request.text().catch(({ name }) => name)
  return context.json({ first: value?.byteLength, used, mode, again })
})
app.get('/cookies', (context) => {
  context.header('set-cookie', 'a=1', { append: true })
  context.header('set-cookie', 'b=2', { append: true })
  return context.body(null, 204)
})

export default app
