/** What a setting says about itself. */

export type Environment = Readonly<Record<string, string | undefined>>
export const SECTIONS = ['Server', 'Workers', 'Requests', 'Data', 'Access', 'Model', 'Limits', 'Log'] as const
export type Section = (typeof SECTIONS)[number]

export interface Setting<T> {
  section: Section
  /** `--flag` on the command line. */
  flag: string
  /** Names in the environment and in the configuration file; the first that is set counts. */
  variables: readonly [string, ...string[]]
  /** What stands behind the flag in the help: `HOST:PORT`, `SECONDS`. */
  shape: string
  /** The default in words. */
  defaultText: string
  meaning: string
  /** The value when nobody says anything. Reads what the platform tells, nothing else. */
  fallback(platform: Environment): T
  /** Throws a plain sentence when the text is not of the shape. */
  parse(text: string): T
  /** The flag stands alone: `--fail-fast`. In a variable it is `true` or `false`. */
  isSwitch?: true
  /** The flag may be given several times; in a variable the values are separated by commas. */
  isList?: true
  /** Never printed. */
  isSecret?: true
}

export function setting<T>(definition: Setting<T>): Setting<T> {
  return definition
}
