/** The settings table as text: the help of the command line, the reference page, and `.env.example`. */
import { SECTIONS, type Section, type Setting } from './setting.ts'
import { SETTINGS } from './settings.ts'

const HELP_COLUMN = 30
const HELP_WIDTH = 100

/** The flags of these sections as `--help` shows them. */
export function renderHelp(sections: readonly Section[] = SECTIONS): string {
  const shown = SECTIONS.filter((section) => sections.includes(section))
  return shown
    .map((section) => {
      const lines = settingsOf(section).map((setting) => {
        const left = `  --${setting.flag} ${setting.shape}`
        const text = wrap(`${plain(setting.meaning)} Default: ${plain(setting.defaultText)}.`, HELP_WIDTH - HELP_COLUMN)
        const first = left.length < HELP_COLUMN ? left.padEnd(HELP_COLUMN) : `${left}\n${' '.repeat(HELP_COLUMN)}`
        return first + text.join(`\n${' '.repeat(HELP_COLUMN)}`)
      })
      return `${section}\n${lines.join('\n')}`
    })
    .join('\n\n')
}

/** `docs/reference/settings.md`. */
export function renderSettingsPage(): string {
  const sections = SECTIONS.map((section) => {
    const rows = settingsOf(section).map((setting) => {
      const names = [
        `\`--${setting.flag} ${escapeCell(setting.shape)}\``,
        ...setting.variables.map((variable) => `\`${variable}\``),
      ]
      return `| ${names.join('<br>')} | ${escapeCell(setting.defaultText)} | ${escapeCell(setting.meaning)} |`
    })
    return `## ${section}\n\n| flag and variables | default | meaning |\n| --- | --- | --- |\n${rows.join('\n')}\n`
  })
  return `# Settings

Written by \`npm run reference\` from \`src/config/settings.ts\`. Flags go before the environment, the environment before the
file named by \`--config\`. An unknown \`KNOWBOT_…\` variable or a malformed value stops the start with one line that names it.

${sections.join('\n')}`
}

/** `.env.example`: every variable, commented out, with its meaning. */
export function renderEnvExample(): string {
  const sections = SECTIONS.map((section) => {
    const entries = settingsOf(section).map((setting) => {
      const comment = wrap(`${plain(setting.meaning)} Default: ${plain(setting.defaultText)}.`, 110).map(
        (line) => `# ${line}`,
      )
      return `${comment.join('\n')}\n#${setting.variables[0]}=`
    })
    return `# ---- ${section} ----\n\n${entries.join('\n\n')}`
  })
  return `# Settings of KnowBot, written by \`npm run reference\`. Copy what you need into a file of your own and start with\n# \`npm start -- serve --config FILE\`.\n\n${sections.join('\n\n')}\n`
}

function settingsOf(section: Section): Setting<unknown>[] {
  return (Object.values(SETTINGS) as Setting<unknown>[]).filter((setting) => setting.section === section)
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '')
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|')
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
