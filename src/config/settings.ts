/**
 * Every setting, once: flag, variables, type, unit, default, meaning and parser. `--help`, `docs/reference/settings.md` and
 * `.env.example` are written from this table, and a test holds them to it.
 */
import { PRODUCT_SETTINGS } from './product-settings.ts'
import { SERVER_SETTINGS } from './server-settings.ts'
import type { Setting } from './setting.ts'

export const SETTINGS = { ...SERVER_SETTINGS, ...PRODUCT_SETTINGS } satisfies Record<
  string,
  Setting<never> | Setting<unknown>
>

export type Settings = typeof SETTINGS
export type SettingName = keyof Settings
/** One value per setting, of the type its parser gives. */
export type Config = { readonly [K in SettingName]: Settings[K] extends Setting<infer T> ? T : never }
