/** How long to wait before the next try of something that failed n times in a row: 1, 2, 4 … 30 s. */
const FIRST_MS = 1000
const LAST_MS = 30_000

export function retryDelayMs(failures: number): number {
  return Math.min(LAST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1))
}
