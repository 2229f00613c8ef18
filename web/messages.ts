/**
 * Every word of the interface, in one table per language. A language is complete or it does not compile.
 * Content (names, quotes, pages, what the server says of a failure) is not here: it comes in its own language.
 */
import { english } from './messages/english.ts'

type Widened<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : T extends readonly unknown[]
      ? T
      : { [K in keyof T]: Widened<T[K]> }

export type Messages = Widened<typeof english>

export const t: Messages = english
