/** Text is cleaned once, here, before any offset into it exists. */

const CLEAN = /[\r\0]/

/** Lines end with LF; NUL becomes a space; lone surrogates become U+FFFD. Nothing is normalised: quotes stay as written. */
export function cleanText(text: string): string {
  const wellFormed = text.toWellFormed()
  if (!CLEAN.test(wellFormed)) return wellFormed
  return wellFormed.replace(/\r\n?/g, '\n').replaceAll('\0', ' ')
}
