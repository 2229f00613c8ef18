/** What only one supervisor can hold: the lock, the control socket, the pid file. A successor (USR2) gets it when the old one has gone. */
import type { JsonValue } from '../lib/json.ts'
import type { SuperviseOptions } from '../runtime.ts'
import { openControlSocket } from './control-socket.ts'
import { lockFolder } from './folder-lock.ts'
import { writePidFile } from './pid-file.ts'
import { endOf } from './upgrade.ts'

export type PlaceOptions = Pick<SuperviseOptions, 'lockFile' | 'pidFile' | 'controlSocket'>
type AnswerCommand = (command: string, args: JsonValue) => Promise<JsonValue>

/** Throws `SuperviseError` where another holds it. What was taken goes into `held`, also then. */
export async function takePlace(
  held: DisposableStack,
  { lockFile, pidFile, controlSocket }: PlaceOptions,
  answer: AnswerCommand,
): Promise<void> {
  held.use(lockFolder(lockFile))
  if (controlSocket) held.use(await openControlSocket(controlSocket, answer))
  if (pidFile) held.use(writePidFile(pidFile))
}

/** Until then the successor has a pid file of its own, with `.2`. */
export function waitForPlace(
  held: DisposableStack,
  predecessor: number,
  { pidFile }: PlaceOptions,
  onFree: () => Promise<void>,
): void {
  if (pidFile) held.use(writePidFile(`${pidFile}.2`))
  void held.use(endOf(predecessor)).ended.then(onFree)
}
