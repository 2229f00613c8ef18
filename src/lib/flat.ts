/** Up to here a step is short, from here on long: what is copied at each is the whole text. */
const SHORT_LENGTH = 4096
const ANY = /^./s
const [SHORT_STEP, LONG_STEP] = [128, 2048]

/**
 * The text with more behind it. V8 keeps a text that is put together piece by piece as a chain of the pieces, 64 bytes for each word;
 * here it becomes one piece again every so often.
 */
export function appended(text: string, more: string): string {
  const all = text + more
  const step = all.length < SHORT_LENGTH ? SHORT_STEP : LONG_STEP
  if (Math.floor(all.length / step) === Math.floor(text.length / step)) return all
  // An expression is matched against one piece. Reading a character makes the chain whole as well, until that is compiled.
  return ANY.test(all) ? all : ''
}
