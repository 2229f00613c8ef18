/** The result of a command: the only thing that standard output ever carries. */

// Quotes are the words of foreign documents: with these a terminal can be made to hide, overwrite and send text.
const STEERING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

export function harmless(text: string): string {
  return text.replace(STEERING, (character) => (/[\t\n]/.test(character) ? character : ' '))
}

export function printLine(text: string): void {
  process.stdout.write(`${harmless(text)}\n`)
}

export function printJson(value: unknown): void {
  const text = JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : undefined)
  // As escapes they are the same to a program, and nothing to a terminal.
  process.stdout.write(
    `${text.replace(STEERING, (character) => (character === '\n' ? character : escaped(character)))}\n`,
  )
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Rows of equal width columns, the last one free. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? []
  for (const row of rows)
    printLine(row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  '))
}
