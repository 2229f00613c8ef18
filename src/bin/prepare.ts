/** A one-shot child before the first worker: brings the data folder up to date, takes back what a killed server left, and tells what people must know. */
import { loadChildConfig } from '../config.ts'
import { toKnowBotError } from '../errors.ts'
import { prepareFolder } from '../knowbot.ts'

try {
  process.send?.({ type: 'announce', lines: await prepareFolder(loadChildConfig()) })
} catch (error) {
  const { message, code } = toKnowBotError(error)
  process.send?.({ type: 'refuse', message, exitCode: code === 'invalid_setting' ? 2 : 1 })
  process.exitCode = 1
} finally {
  process.disconnect?.()
}
