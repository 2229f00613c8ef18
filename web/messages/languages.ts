/** The languages of the page, and what a table of words must hold. English is where the keys come from. */
import { english } from './english.ts'

type Widened<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Widened<T[K]> }

export type Messages = Widened<typeof english>

type Partially<T> = T extends (...args: never) => string
  ? T
  : T extends object
    ? { [K in keyof T]?: Partially<T[K]> }
    : T
/** What a table does not say yet is said in English; a test tells what that is. */
export type Translation = Partially<Messages>

/** Each by its own name, and how its table is had. */
export const LANGUAGES = {
  en: { name: 'English', direction: 'ltr', load: async (): Promise<Translation> => english },
  de: { name: 'Deutsch', direction: 'ltr', load: async () => (await import('./german.ts')).german },
  es: { name: 'Español', direction: 'ltr', load: async () => (await import('./spanish.ts')).spanish },
  fr: { name: 'Français', direction: 'ltr', load: async () => (await import('./french.ts')).french },
  zh: { name: '中文', direction: 'ltr', load: async () => (await import('./chinese.ts')).chinese },
  ar: { name: 'العربية', direction: 'rtl', load: async () => (await import('./arabic.ts')).arabic },
} satisfies Record<string, { name: string; direction: 'ltr' | 'rtl'; load(): Promise<Translation> }>

export type Language = keyof typeof LANGUAGES
