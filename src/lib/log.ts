/**
 * One JSON line per event on standard error. Only listed fields are written: never document text, prompts or secrets.
 * Standard output belongs to the result of a command.
 */

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
/** Values that may stand in a log line. Errors are written as name, message and stack. */
export type LogFields = Record<
  string,
  string | number | boolean | null | undefined | readonly (string | number)[] | Error
>

export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
  /** The same log with these fields on every line. */
  with(fields: LogFields): Log
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 }

export function createLog(options: { level?: LogLevel; fields?: LogFields; write?: (line: string) => void } = {}): Log {
  const { level = 'info', fields: bound = {}, write = writeToStandardError } = options
  const line = (at: LogLevel, event: string, fields: LogFields = {}) => {
    if (RANK[at] < RANK[level]) return
    write(
      `${JSON.stringify({ time: new Date().toISOString(), level: at, event, ...printable(bound), ...printable(fields) })}\n`,
    )
  }
  return {
    debug: (event, fields) => line('debug', event, fields),
    info: (event, fields) => line('info', event, fields),
    warn: (event, fields) => line('warn', event, fields),
    error: (event, fields) => line('error', event, fields),
    with: (more) => createLog({ level, fields: { ...bound, ...more }, write }),
  }
}

function printable(fields: LogFields): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      value instanceof Error
        ? { name: value.name, message: value.message, stack: value.stack, cause: String(value.cause ?? '') }
        : value,
    ]),
  )
}

function writeToStandardError(line: string): void {
  process.stderr.write(line)
}
