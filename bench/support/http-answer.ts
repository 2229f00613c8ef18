/** What both servers of the benchmark answer. */
export function answerTo(path: string): object {
  if (path === '/cpu') spin(10)
  if (path === '/work') spin(1)
  return { path, hits: [{ name: 'a', page: 1, score: 0.5 }], tookMs: 1 }
}

function spin(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}
