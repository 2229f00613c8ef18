/** The result of a command: the only thing that standard output ever carries. */

// Quotes are the words of foreign documents: with these a terminal can be made to hide, overwrite and send text.
const STEERING = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu

export function printLine(text: string): void {
  process.stdout.write(`${text.replace(STEERING, (character) => (/[\t\n]/.test(character) ? character : ' '))}\n`)
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value, undefined, process.stdout.isTTY ? 2 : undefined))
}

/** Rows of equal width columns, the last one free. */
export function printTable(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? []
  for (const row of rows)
    printLine(row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!))).join('  '))
}
