/** A cold load of the page: what the browser itself tells of when it was painted, of what moved, and of what was fetched. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Browser, BrowserContext, BrowserContextOptions } from 'playwright-core'

export type Cookies = Parameters<BrowserContext['addCookies']>[0]

export interface Load {
  /** From the begin of the navigation. */
  firstPaintMs: number
  contentMs: number
  largestMs: number
  /** The sum of all layout shifts: a share of the view times a share of the way. */
  shift: number
  /** What moved, from where to where: x, y, width and height. */
  moved: string[]
  /** As it came over the line. */
  scriptBytes: number
}

export interface LoadOptions {
  size: BrowserContextOptions
  /** None for somebody who is not signed in. */
  cookies: Cookies
  /** A line that pulls apart what arrives together otherwise. */
  isSlow: boolean
  /** There when everything is. */
  last: readonly string[]
}

/** 400 ms there and back, 1.6 Mbit/s. */
const SLOW_LINE = { offline: false, latency: 400, downloadThroughput: 200_000, uploadThroughput: 90_000 }
/** After the last thing that was waited for: what comes later would be seen to move as well. */
const SETTLING_MS = 1000

/** In a window with nothing kept but the session. */
export async function load(browser: Browser, url: string, options: LoadOptions): Promise<Load> {
  const { size, cookies, isSlow, last } = options
  const context = await browser.newContext(size)
  try {
    await context.addCookies(cookies)
    const page = await context.newPage()
    const devtools = await context.newCDPSession(page)
    await devtools.send('Network.enable')
    if (isSlow) await devtools.send('Network.emulateNetworkConditions', SLOW_LINE)
    const scripts = new Set<string>()
    let scriptBytes = 0
    devtools.on('Network.responseReceived', ({ type, requestId }) => type === 'Script' && scripts.add(requestId))
    devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) scriptBytes += encodedDataLength
    })
    await page.addInitScript(WATCH)
    await page.goto(url)
    for (const selector of last) await page.locator(selector).first().waitFor({ state: 'attached' })
    await sleep(SETTLING_MS)
    return { ...(await page.evaluate<Omit<Load, 'scriptBytes'>>('window.seen()')), scriptBytes }
  } finally {
    await context.close()
  }
}

/** Runs before the page does. */
const WATCH = `{
  const seen = { firstPaintMs: NaN, contentMs: NaN, largestMs: NaN, shift: 0, moved: [] }
  const watch = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true })
  watch('paint', ({ name, startTime }) => { seen[name === 'first-paint' ? 'firstPaintMs' : 'contentMs'] = startTime })
  watch('largest-contentful-paint', ({ startTime }) => { seen.largestMs = startTime })
  watch('layout-shift', ({ value, startTime, sources }) => {
    seen.shift += value
    const names = sources.map(({ node, previousRect: from, currentRect: to }) =>
      (node?.className || node?.nodeName) + ' ' + [from, to].map(({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(',')).join(' → '))
    seen.moved.push(Math.round(startTime) + ' ms: ' + names.join('; '))
  })
  window.seen = () => seen
}`
