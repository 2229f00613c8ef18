/** One line for a person. Standard error, because standard output belongs to the program that is started. */
import process from 'node:process'

export function say(line) {
  process.stderr.write(`knowbot: ${line}\n`)
}

/** Says what begins, and how long it took once it is over. */
export async function sayWhile(begins, ended, work) {
  say(`${begins} …`)
  const startedMs = Date.now()
  const result = await work()
  say(`${ended} in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`)
  return result
}
