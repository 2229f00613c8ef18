/**
 * Which model writes answers: the one of the settings, else the one that an administrator has chosen in the page, else none.
 * And how many tokens each person may have written in a day.
 */
import { KnowBotError, toKnowBotError } from './errors.ts'
import { type ChatModel, needsOf, openChatModel, type Provider, parseModelSetting, type Usage } from './inference.ts'
import { assertMayBeModelServer } from './models/egress.ts'
import { seal, unseal } from './models/sealing.ts'
import type { Storage } from './storage.ts'

export { openTokenBudget, type TokenBudget, type TokensToday } from './models/token-budget.ts'

export interface ModelChoice {
  provider: Provider
  model: string
  /** The provider's own where it is left out. */
  url?: string | undefined
  /** The one that is kept where it is left out, as long as provider and address stay. */
  key?: string | undefined
}

export interface ModelView {
  /** `settings` wins over what was `chosen`. */
  source: 'settings' | 'chosen' | 'none'
  provider: Provider | null
  model: string | null
  url: string | null
  /** The key itself is shown to nobody. */
  hasKey: boolean
  /** Why the chosen model cannot be used. */
  problem: string | null
}

/** What came of saying hello to a model. */
export type ModelTest =
  | { isAnswered: true; text: string; tookMs: number; usage: Usage | null }
  | { isAnswered: false; code: KnowBotError['code']; message: string; tookMs: number }

export interface Models {
  /** Looked up at each question, so that every process of the server has the same one at once. */
  current(): ChatModel | undefined
  view(): ModelView
  /** Throws `conflict` where the settings name a model, and `bad_request` where something is missing. */
  choose(choice: ModelChoice): Promise<void>
  clear(): Promise<void>
  /** Says hello once: to this one, or to the current one. Throws `conflict` where there is none. */
  test(choice: ModelChoice | undefined, signal: AbortSignal): Promise<ModelTest>
}

export interface ModelSettings {
  model: string | undefined
  modelUrl: string | undefined
  modelKey: string | undefined
  modelTimeoutS: number
}

const PURPOSE = 'model'
const LOST_KEY =
  'The key that opens this choice is not in the data folder, as after a restore. Choose the model again, with its key.'

/** Throws `invalid_setting` where the settings name a model that cannot be used. */
export function checkModelSettings(settings: ModelSettings): void {
  modelOfSettings(settings)
}

/** Throws `invalid_setting` as well. */
export function openModels({ database, folder }: Storage, settings: ModelSettings): Models {
  const { modelTimeoutS: timeoutS } = settings
  const fixed = modelOfSettings(settings)
  let known: { sealed: string; choice: ModelChoice | undefined; model: ChatModel | undefined } | undefined

  const stored = (): { choice: ModelChoice | undefined; model: ChatModel | undefined } | undefined => {
    const row = database.get<{ value: Uint8Array }>('SELECT value FROM secrets WHERE purpose = ?', PURPOSE)
    if (!row) return undefined
    const sealed = Buffer.from(row.value).toString('base64')
    if (known?.sealed === sealed) return known
    const text = unseal(folder, PURPOSE, row.value)
    const choice = text === undefined ? undefined : (JSON.parse(text) as ModelChoice)
    // Opened once: what is known of its failures belongs to it.
    known = { sealed, choice, model: choice && openChatModel(settingsOf(choice, timeoutS)) }
    return known
  }
  const complete = (choice: ModelChoice): ModelChoice => {
    const before = fixed ? undefined : stored()?.choice
    const isSame = before && before.provider === choice.provider && (before.url ?? '') === (choice.url ?? '')
    // Sent elsewhere, the key would be told to whoever listens there.
    return choice.key === undefined && isSame && before.key !== undefined ? { ...choice, key: before.key } : choice
  }

  return {
    current: () => (fixed ? fixed.model : stored()?.model),
    view() {
      if (fixed) return { source: 'settings', ...fixed.shown, problem: null }
      const found = stored()
      if (!found) return { source: 'none', provider: null, model: null, url: null, hasKey: false, problem: null }
      const { choice } = found
      if (!choice) {
        return { source: 'chosen', provider: null, model: null, url: null, hasKey: false, problem: LOST_KEY }
      }
      const { provider, model, url = null, key } = choice
      return { source: 'chosen', provider, model, url, hasKey: key !== undefined, problem: null }
    },
    async choose(choice) {
      if (fixed) throw settingWins()
      const whole = complete(choice)
      await assertUsable(whole)
      const sealed = await seal(folder, PURPOSE, JSON.stringify(whole))
      await database.write((tx) => {
        tx.run('INSERT OR REPLACE INTO secrets (purpose, value) VALUES (?, ?)', PURPOSE, sealed)
      })
    },
    async clear() {
      if (fixed) throw settingWins()
      await database.write((tx) => {
        tx.run('DELETE FROM secrets WHERE purpose = ?', PURPOSE)
      })
    },
    async test(choice, signal) {
      if (choice === undefined) {
        const current = fixed ? fixed.model : stored()?.model
        if (!current) throw new KnowBotError('conflict', 'Expected a model to test, but none is chosen.')
        return sayHello(current, signal)
      }
      if (fixed) throw settingWins()
      const whole = complete(choice)
      await assertUsable(whole)
      return sayHello(openChatModel(settingsOf(whole, Math.min(timeoutS, TEST_TIMEOUT_S_MAX))), signal)
    },
  }
}

/** Somebody waits in front of the page. */
const TEST_TIMEOUT_S_MAX = 30
const HELLO = 'Say hello in one short sentence.'
const HELLO_LENGTH_MAX = 300

async function sayHello(model: ChatModel, signal: AbortSignal): Promise<ModelTest> {
  const startedAt = performance.now()
  const tookMs = () => Math.round(performance.now() - startedAt)
  const answer = model.complete([{ role: 'user', content: HELLO }], signal)
  let text = ''
  try {
    for (;;) {
      const next = await answer.next()
      if (next.done) {
        return { isAnswered: true, text: text.slice(0, HELLO_LENGTH_MAX), tookMs: tookMs(), usage: next.value ?? null }
      }
      text += next.value
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason
    const { code, message } = toKnowBotError(error)
    if (code === 'internal') throw error
    return { isAnswered: false, code, message, tookMs: tookMs() }
  }
}

async function assertUsable({ provider, model, url, key }: ModelChoice): Promise<void> {
  const needs = needsOf(provider)
  const missing = (what: string) =>
    new KnowBotError('bad_request', `Expected ${what} for ${provider}:${model}, got none.`)
  if (needs.url && url === undefined) throw missing('the address of the model server, with its /v1,')
  if (needs.key && key === undefined) throw missing('a key')
  if (url !== undefined) await assertMayBeModelServer(url)
}

function settingsOf({ provider, model, url, key }: ModelChoice, timeoutS: number) {
  return { provider, model, timeoutS, ...(url === undefined ? {} : { url }), ...(key === undefined ? {} : { key }) }
}

function modelOfSettings({ model, modelUrl, modelKey, modelTimeoutS }: ModelSettings) {
  if (model === undefined) return undefined
  const named = parseModelSetting(model)
  return {
    model: openChatModel(settingsOf({ ...named, url: modelUrl, key: modelKey }, modelTimeoutS)),
    shown: { ...named, url: modelUrl ?? null, hasKey: modelKey !== undefined },
  }
}

function settingWins(): KnowBotError {
  return new KnowBotError(
    'conflict',
    'KNOWBOT_MODEL is set where the server is started, and wins. Remove it there, then choose a model here.',
  )
}
