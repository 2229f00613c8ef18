/** Names of files are what somebody called them: shown, never used as a path. */

const CHARACTERS_MAX = 255
const EXTENSION_CHARACTERS_MAX = 20
const FALLBACK = 'document'
// Control characters, and those that turn the direction of writing: "exe.fdp" can be made to look like a PDF with them.
const UNSHOWABLE = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The last part of a path of any system, without what cannot be shown, at most 255 UTF-16 units with its extension kept. */
export function cleanFileName(name: string): string {
  const base = name.toWellFormed().split(/[/\\]/).at(-1)!
  const shown = base.replaceAll(UNSHOWABLE, '').trim()
  if (shown === '' || shown === '.' || shown === '..') return FALLBACK
  return shorten(shown)
}

function shorten(name: string): string {
  if (name.length <= CHARACTERS_MAX) return name
  const extension = /\.[^.]*$/.exec(name)?.[0] ?? ''
  const kept = extension.length <= EXTENSION_CHARACTERS_MAX ? extension : ''
  const stem = name.slice(0, CHARACTERS_MAX - kept.length)
  // Half of a surrogate pair at the cut is no character.
  return `${stem.isWellFormed() ? stem : stem.slice(0, -1)}${kept}`
}
