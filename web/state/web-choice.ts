/** Whether questions look in the web: only when somebody says so, and only as long as the window is open. */
import { computed, signal } from '@preact/signals'
import { session } from './session.ts'

export const canSearchWeb = computed(() => session.value.state === 'signed-in' && session.value.person.webSearch)

export const isWebWanted = signal(false)
