/**
 * Every word of the interface, in one table per language. English is the source of the keys and always there; the others
 * are loaded when they are chosen. What is drawn with `t` is drawn anew when the language changes.
 * Content (names, quotes, pages) is not here: it comes in its own language.
 */
import { signal } from '@preact/signals'
import { english } from './messages/english.ts'
import { LANGUAGES, type Language, type Messages } from './messages/languages.ts'

export { LANGUAGES, type Language, type Messages } from './messages/languages.ts'

const LANGUAGE_KEY = 'knowbot.language'

/** The one that the page is in. */
export const language = signal<Language>('en')
const table = signal<Messages>(english)

/** The table of the language: `t.ask`, `t.ready(3)`. Whoever reads it while drawing follows the language. */
export const t: Messages = new Proxy(english as Messages, {
  get: (_, key) => table.value[key as keyof Messages],
})

/** The one chosen here before, else the first of the browser's that there is. */
export async function openLanguage(): Promise<void> {
  const chosen = localStorage.getItem(LANGUAGE_KEY) ?? ''
  const wanted = [chosen, ...navigator.languages].map((tag) => tag.split('-')[0]!).find(isLanguage)
  if (wanted !== undefined && wanted !== 'en') await show(wanted).catch(() => undefined) // English is better than nothing.
}

export async function chooseLanguage(wanted: Language): Promise<void> {
  await show(wanted)
  localStorage.setItem(LANGUAGE_KEY, wanted)
}

async function show(wanted: Language): Promise<void> {
  table.value = completed(english as Messages, await LANGUAGES[wanted].load())
  language.value = wanted
  document.documentElement.lang = wanted
  document.documentElement.dir = LANGUAGES[wanted].direction
}

function isLanguage(tag: string): tag is Language {
  return Object.hasOwn(LANGUAGES, tag)
}

function completed<T extends object>(whole: T, part: object): T {
  const entries = Object.entries(whole).map(([key, value]) => {
    const said: unknown = (part as Record<string, unknown>)[key]
    if (typeof value !== 'object' || said === undefined) return [key, said ?? value]
    return [key, completed(value as object, said as object)]
  })
  return Object.fromEntries(entries) as T
}

/** A failure as a sentence: our own where the page can say it better than the server, which does not know what one was doing. */
export function sentenceOf(code: string, detail: string): string {
  return (t.errors as Record<string, string>)[code] ?? t.problem(code, detail)
}

/** Why a document failed, in as few words as fit beside its name. */
export function reasonWords(code: string, message: string): string {
  return (t.reasons as Record<string, string>)[code] ?? t.problem(code, message)
}
