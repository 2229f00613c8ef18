/** `knowbot doctor`: what this machine offers, and what is wrong with the data folder, in plain words. */
import type { ExitCode, Invocation } from '../cli.ts'
import { examine, type Finding } from '../knowbot.ts'
import { printJson, printLine } from './print.ts'

const MARK: Record<Finding['state'], string> = { good: '✓', note: '·', bad: '!' }

export async function run({ config, flags }: Invocation): Promise<ExitCode> {
  const findings = await examine(config)
  if (flags['json']) printJson(findings)
  else for (const { state, subject, text } of findings) printLine(`${MARK[state]} ${subject}: ${text}`)
  return findings.some(({ state }) => state === 'bad') ? 1 : 0
}
