/** A chat that leaves the screen: on paper, and read aloud. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Page } from 'playwright-core'
import { says, startModelDouble } from '../support/model-double.ts'
import { startServer, upload } from '../support/server.ts'
import {
  addFile,
  ask,
  cannotRun,
  createAda,
  openBrowser,
  rowThatSays,
  signIn,
  TOGETHER_MS_MAX,
  visit,
} from './support.ts'

const LEASE = 'The reading room has 48 seats and a view of the orchard.\n'
const QUESTION = 'How many seats does the reading room have?'
const ANSWER = 'There are **48 seats** [1].'
/** More than the page asks for at once: what was said earlier is fetched for the paper. */
const QUESTIONS = 30

test('paper and voice', { skip: cannotRun, timeout: TOGETHER_MS_MAX }, async (t) => {
  const model = await startModelDouble(t)
  await using server = await startServer({
    environment: { KNOWBOT_MODEL: 'openai-compatible:double', KNOWBOT_MODEL_URL: model.url, KNOWBOT_MODEL_KEY: 'none' },
  })
  await createAda(server)
  const browser = await openBrowser()
  t.after(() => browser.close())
  await using visited = await visit(browser, server.url)
  const { page } = visited
  await signIn(page)
  await addFile(page, 'lease.txt', LEASE)
  await rowThatSays(page, 'lease.txt', 'ready')
  const persona = { name: 'Brief', instructions: 'One sentence.', active: true }
  await visited.context.request.post(`${server.url}/api/personas`, { data: persona })
  model.plan(says(ANSWER))
  await ask(page, QUESTION)
  const short = page.url()
  const storageState = await visited.context.storageState()

  await t.test(
    'a printed chat has questions, answers, quotes and their places, and nothing else of the page',
    async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await using printing = await visit(browser, 'about:blank', { storageState, colorScheme })
        await printing.page.addInitScript('window.print = () => { window.isPrinted = true }') // The dialog of the printer.
        await printing.page.goto(short)
        await pressPrint(printing.page)
        await printing.page.waitForFunction(() => 'isPrinted' in globalThis)
        const paper = await printing.page.pdf()
        const text = await textOf(paper, `printed-${colorScheme}.pdf`)
        for (const said of [QUESTION, 'There are 48 seats', LEASE.trim(), 'lease.txt', 'page 1']) {
          assert.ok(text.includes(said), `${said} in ${text}`)
        }
        for (const page of ['Sign out', 'Chats', 'Documents', 'Ask your documents', 'Copy', 'Listen', 'Persona']) {
          assert.ok(!text.includes(page), `${page} in ${text}`)
        }
        await printing.page.emulateMedia({ media: 'print' })
        const ink = await printing.page.evaluate<string>(
          'getComputedStyle(document.querySelector(".exchange h2")).color',
        )
        assert.ok(brightnessOf(ink) < 60, `dark ink on white paper, whatever the screen shows: ${ink}`)
      }
    },
  )

  await t.test(
    'what was said earlier is on paper too, and the browser is asked to print once it is there',
    async () => {
      const context = await browser.newContext({ storageState })
      t.after(() => context.close())
      const { id } = (await (
        await context.request.post(`${server.url}/api/chats`, { data: { title: 'A long talk' } })
      ).json()) as { id: string }
      for (let i = 1; i <= QUESTIONS; i++) {
        const content = `How many seats are there? (${i})`
        const data = { content, mode: 'quotes' }
        const answer = await context.request.post(`${server.url}/api/chats/${id}/messages`, { data })
        assert.equal(answer.status(), 200)
      }
      await using printing = await visit(browser, `${server.url}/?chat=${id}`, { storageState })
      const { page } = printing
      await page.getByRole('article', { name: `(${QUESTIONS})` }).waitFor()
      assert.equal(await page.getByRole('article', { name: '(1)' }).count(), 0)
      await page.evaluate(
        `addEventListener('beforeprint', () => { window.onPaper = document.querySelectorAll('.exchange').length })`,
      )
      await pressPrint(page)
      // A function: a text would be evaluated anew at each look, which the page's policy forbids.
      await page.waitForFunction(() => 'onPaper' in globalThis)
      assert.equal(await page.evaluate('window.onPaper'), QUESTIONS)
    },
  )

  await t.test('without a voice the page says so in words', async () => {
    // As in this browser, whose engine has none.
    assert.deepEqual(await page.evaluate('speechSynthesis.getVoices().map(({ name }) => name)'), [])
    const exchange = page.getByRole('article', { name: QUESTION })
    await exchange.getByRole('button', { name: 'Listen' }).click()
    await exchange.getByText('This device has no voice of its own to read it aloud.').waitFor()
    await exchange.getByRole('button', { name: 'Listen' }).waitFor()
  })

  await t.test(
    'an answer is read aloud without its signs, by a voice of this device, and stops when told',
    async () => {
      await using listening = await visit(browser, 'about:blank', { storageState, locale: 'de-DE' })
      const { page } = listening
      await page.addInitScript(ENGINE)
      await page.addInitScript(`localStorage.setItem('knowbot.language', 'en')`)
      await page.goto(short)
      const exchange = page.getByRole('article', { name: QUESTION })
      const listen = exchange.getByRole('button', { name: 'Listen' })
      const stop = exchange.getByRole('button', { name: 'Stop' })
      const heard = () => page.evaluate<{ text: string; voice: string }[]>('window.heard')

      await listen.click()
      await stop.waitFor()
      assert.deepEqual(await heard(), [{ text: 'There are 48 seats.', voice: 'here, en-GB' }])
      await page.evaluate(`window.engine.finish('end')`)
      await listen.waitFor()

      await listen.click()
      await stop.click()
      await listen.waitFor()
      assert.equal(await page.evaluate('speechSynthesis.speaking'), false)

      // A device whose engine fails says so instead of pretending to speak.
      await listen.click()
      await stop.waitFor()
      await page.evaluate(`window.engine.finish('error')`)
      await exchange.getByText('This device has no voice of its own to read it aloud.').waitFor()
      await listen.waitFor()

      await listen.click()
      await page.getByRole('button', { name: 'New chat' }).click()
      await page.waitForFunction(
        () => !(globalThis as unknown as { speechSynthesis: { speaking: boolean } }).speechSynthesis.speaking,
      )
    },
  )

  async function pressPrint(page: Page): Promise<void> {
    await page.locator('.exchange').first().waitFor()
    await page.getByRole('button', { name: 'More to do with this chat' }).click()
    await page.getByRole('button', { name: 'Print', exact: true }).click()
  }

  /** As KnowBot itself reads it. */
  async function textOf(pdf: Buffer, name: string): Promise<string> {
    const { id, status } = await upload(server, name, pdf)
    assert.equal(status, 'ready')
    const { text } = (await (await server.fetch(`/api/documents/${id}/pages/1`)).json()) as { text: string }
    return text.replace(/\s+/g, ' ')
  }
})

/** `rgb(35, 32, 27)` or `oklch(…)`, 0 to 255. */
function brightnessOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number)
  assert.match(color, /^rgb/)
  return (red + green + blue) / 3
}

/** The engine of a device that has voices: the world outside of the page. What it is given is heard, and ends when the test says so. */
const ENGINE = `{
  class Utterance extends EventTarget {
    voice = null
    constructor(text) { super(); this.text = text }
  }
  const voices = [
    { name: 'elsewhere', lang: 'en-US', localService: false },
    { name: 'here', lang: 'fr-FR', localService: true },
    { name: 'here', lang: 'en-GB', localService: true },
  ]
  let now
  window.heard = []
  const engine = Object.assign(new EventTarget(), {
    getVoices: () => voices,
    speak(utterance) {
      now = utterance
      window.heard.push({ text: utterance.text, voice: utterance.voice.name + ', ' + utterance.voice.lang })
    },
    cancel() { engine.finish('error', 'canceled') },
    finish(type, error = 'synthesis-failed') {
      const ended = now
      now = undefined
      ended?.dispatchEvent(Object.assign(new Event(type), { error }))
    },
  })
  Object.defineProperty(engine, 'speaking', { get: () => now !== undefined })
  window.engine = engine
  Object.defineProperty(window, 'speechSynthesis', { value: engine })
  window.SpeechSynthesisUtterance = Utterance
}`
