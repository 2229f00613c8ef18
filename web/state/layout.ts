/** What a small screen shows of the page; a wide one shows everything. */
import { signal } from '@preact/signals'

export type Area = 'chats' | 'documents' | 'conversation'

export const area = signal<Area>('conversation')

/** Below this the areas become tabs and the reader covers the page. The same width stands in the styles. */
export const narrow = matchMedia('(width < 56rem)')
