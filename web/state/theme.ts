/** Light or dark: as the system says, unless it was said here. */
import { signal } from '@preact/signals'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const THEME_KEY = 'knowbot.theme'

export const theme = signal<Theme>(THEMES.find((known) => known === localStorage.getItem(THEME_KEY)) ?? 'system')

theme.subscribe((wanted) => {
  document.documentElement.dataset['theme'] = wanted
  localStorage.setItem(THEME_KEY, wanted)
})
