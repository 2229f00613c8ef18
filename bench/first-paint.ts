/**
 * How soon does the page stand, and does it stand still? `node bench/first-paint.ts [--documents N] [--loads N]`, as root.
 *
 * A whole server in a memory cgroup of 512 MB with some hundreds of documents and a few chats; Debian's Chromium outside of it. Each
 * load is a cold one: a window with nothing kept but the session. Told by the browser itself: first paint, first contentful paint and
 * largest contentful paint from the begin of the navigation, the sum of all layout shifts until everything has arrived, and the
 * bytes of script as they came over the line. Demanded: first paint within 1 s, no shift, 150 KB. The slow line (400 ms there and
 * back, 1.6 Mbit/s) has no bar for time: it pulls apart what arrives together otherwise, and shows what moves.
 */
import assert from 'node:assert/strict'
import { parseArgs } from 'node:util'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { MIB } from '../src/lib/units.ts'
import { ADA, cannotRun, createAda, openBrowser, PHONE } from '../tests/browser/support.ts'
import { makeMemoryGroup, whyNoMemoryGroups } from '../tests/support/memory-group.ts'
import { type Cookies, type Load, load } from '../tests/support/page-load.ts'
import { startServer, type TestServer } from '../tests/support/server.ts'

const GROUP_BYTES = 512 * MIB
const BARS = { firstPaintMs: 1000, shift: 0, scriptBytes: 150_000 }
const CHATS = 12

const { values: flags } = parseArgs({
  options: { documents: { type: 'string', default: '300' }, loads: { type: 'string', default: '7' } },
})

const DESK: BrowserContextOptions = { viewport: { width: 1440, height: 900 } }

interface View {
  name: string
  size: BrowserContextOptions
  isSignedIn: boolean
  isSlow: boolean
  /** Behind the address of the server. */
  path: string
  /** There when everything is. */
  last: readonly string[]
}

const why = cannotRun || whyNoMemoryGroups()
if (why) console.log(`Nothing was measured: ${why}.`)
else await measure()

async function measure(): Promise<void> {
  await using group = makeMemoryGroup(GROUP_BYTES)
  await using server = await startServer({ wrap: (line) => group.wrap(line) })
  await createAda(server)
  const browser = await openBrowser()
  try {
    const { cookies, chat } = await fill(browser, server)
    console.log(
      `${flags.documents} documents, ${CHATS} chats, ${GROUP_BYTES / MIB} MB, ${flags.loads} loads each, medians and the worst`,
    )
    console.log('view                                first paint    content    largest    shift    script KB    met')
    for (const view of viewsOf(chat)) {
      const loads: Load[] = []
      for (let i = 0; i < Number(flags.loads); i++)
        loads.push(
          await load(browser, `${server.url}${view.path}`, { ...view, cookies: view.isSignedIn ? cookies : [] }),
        )
      print(view, loads)
    }
    console.log(`The server holds ${Math.round(group.anonymousBytes() / MIB)} MB of anonymous memory.`)
  } finally {
    await browser.close()
  }
}

function viewsOf(chat: string): View[] {
  const everything = ['.row', '.chat-row', '.suggestions', '.persona-choice']
  const talk = ['.row', '.chat-row', '.exchange .quote', '.persona-choice']
  const pages = [
    { name: 'sign-in', path: '/', isSignedIn: false, last: ['form'] },
    { name: 'a new chat', path: '/', isSignedIn: true, last: everything },
    { name: 'a chat', path: chat, isSignedIn: true, last: talk },
  ]
  const devices = [
    { device: 'desk', size: DESK, isSlow: false },
    { device: 'phone', size: PHONE, isSlow: false },
    { device: 'desk, slow line', size: DESK, isSlow: true },
    { device: 'phone, slow line', size: PHONE, isSlow: true },
  ]
  return devices.flatMap(({ device, ...rest }) =>
    pages.map(({ name, ...page }) => ({ name: `${name}, ${device}`, ...page, ...rest })),
  )
}

/** Documents, and chats with a question each, of somebody who is signed in. */
async function fill(browser: Browser, server: TestServer): Promise<{ cookies: Cookies; chat: string }> {
  const context = await browser.newContext()
  const call = async (path: string, data?: object): Promise<string> => {
    const answer = await context.request.post(`${server.url}${path}`, data ? { data } : {})
    const text = await answer.text()
    assert.ok(answer.ok(), text)
    return text
  }
  await call('/api/session', { username: ADA.name, password: ADA.password })
  for (let i = 1; i <= Number(flags.documents); i++) {
    const text = `# Record ${i} of the mill\n\nThe mill of Fenwick ground ${i} sacks of rye in the week that Ada Marsh counted them.\n`
    const file = { name: `record-${i}.md`, mimeType: 'text/markdown', buffer: Buffer.from(text) }
    const answer = await context.request.post(`${server.url}/api/documents`, {
      multipart: { file },
      // The last one is waited for, and with it those before it.
      headers: i === Number(flags.documents) ? { prefer: 'wait=120' } : {},
    })
    assert.ok(answer.ok(), await answer.text())
  }
  await call('/api/personas', { name: 'Short', instructions: 'One sentence.', active: true })
  let chat = ''
  for (let i = 1; i <= CHATS; i++) {
    const { id } = JSON.parse(await call('/api/chats', { title: `How many sacks in week ${i}?` })) as { id: string }
    await call(`/api/chats/${id}/messages`, { content: `How many sacks of rye did Ada Marsh count in record ${i}?` })
    chat = `/?chat=${id}`
  }
  const cookies = await context.cookies()
  await context.close()
  return { cookies, chat }
}

function print({ name, isSlow }: View, loads: readonly Load[]): void {
  const middle = (of: (load: Load) => number) => sorted(loads, of)[Math.floor(loads.length / 2)]!
  const worst = (of: (load: Load) => number) => sorted(loads, of).at(-1)!
  const ms = (of: (load: Load) => number) => `${Math.round(middle(of))} / ${Math.round(worst(of))}`.padStart(13)
  const shift = worst((load) => load.shift)
  const bytes = worst((load) => load.scriptBytes)
  const isSoon = isSlow || worst((load) => load.firstPaintMs) <= BARS.firstPaintMs
  const isMet = isSoon && shift <= BARS.shift && bytes <= BARS.scriptBytes
  console.log(
    [
      name.padEnd(28),
      ms((load) => load.firstPaintMs),
      ms((load) => load.contentMs),
      ms((load) => load.largestMs),
      (shift === 0 ? '0' : shift.toFixed(4)).padStart(9),
      (bytes / 1000).toFixed(1).padStart(13),
      (isMet ? 'yes' : 'no').padStart(7),
    ].join(''),
  )
  for (const line of new Set(loads.flatMap(({ moved }) => moved.map((text) => text.replace(/^\d+ ms: /, '')))))
    console.log(`  moved: ${line}`)
}

function sorted(loads: readonly Load[], of: (load: Load) => number): number[] {
  return loads.map(of).sort((a, b) => a - b)
}
