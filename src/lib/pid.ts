/** Whether a process with this id is there, whoever it belongs to. Ids are used again: who must be sure looks at its start time too. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' // Somebody else's.
  }
}
