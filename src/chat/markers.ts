/**
 * The markers in a model's words, wherever the words were cut: `[1]`, `[1, 2]`, `[1–3]`, `[^1]`, `[Source 1]`, `【1†…】`. Out come
 * text, and numbers of sources that were offered; a marker of any other number never passes, nor does the space before it.
 *
 *   text ──[ or space──▶ held ──turns out a marker──▶ numbers
 *                          └────cannot be one any more──▶ text
 *
 * In code, `items[0]` is an index and stays.
 */

export type Piece = { type: 'text'; text: string } | { type: 'markers'; numbers: number[] }

/** What may become a marker is held back, but no longer than this. */
const HELD_MAX = 80
const OPENING = /[[【]/
const LABEL = String.raw`(?:(?:sources?|quellen?|refs?|no|nr)[.:]?\s*)?`
const NUMBERS = String.raw`\^?#?\p{Nd}{1,6}(?:\s*(?:[,;&/–—-]|and|und)\s*(?:source\s*)?\^?#?\p{Nd}{1,6})*`
const WHOLE = new RegExp(String.raw`^[[【]\s*${LABEL}${NUMBERS}\s*(?:†[^\]】]{0,60})?[\]】]`, 'iu')
/** What a marker can begin with: anything else is text at once. */
const POSSIBLE = /^[[【]\s*(?:[a-z]{0,7}[.:]?\s*)?[\^#]?(?:\p{Nd}[\p{Nd}\s,;&/–—#^a-z-]*)?(?:†[^\]】]{0,60})?$/iu
/** Behind these a marker would become a link: `[1](…)`, `[1]: …`. */
const LINKING = /^[(:]/

export class MarkerReader {
  readonly #offered: readonly number[]
  #held = ''
  #code = 0
  #backticks = 0
  #before = ''
  #endsWithMarker = false

  constructor(offered: Iterable<number>) {
    this.#offered = [...offered]
  }

  read(delta: string): Piece[] {
    this.#held += delta
    return this.#take(false)
  }

  /** What was still held, once nothing more comes. */
  end(): Piece[] {
    return this.#take(true)
  }

  #take(isEnd: boolean): Piece[] {
    const pieces: Piece[] = []
    while (this.#held !== '') {
      const at = this.#held.search(OPENING)
      if (at !== 0) {
        // White space waits with what follows it: it goes where a dropped marker goes.
        const until =
          isEnd && at < 0 ? this.#held.length : this.#held.slice(0, at < 0 ? undefined : at).trimEnd().length
        if (until > 0) {
          this.#emit(pieces, this.#held.slice(0, until))
          this.#held = this.#held.slice(until)
        }
        if (at < 0) break
      }
      if (!this.#takeBracket(pieces, isEnd)) break
    }
    return pieces
  }

  /** Decides about the bracket that stands first, behind white space; false when more must come before that is possible. */
  #takeBracket(pieces: Piece[], isEnd: boolean): boolean {
    const space = this.#held.length - this.#held.trimStart().length
    const bracket = this.#held.slice(space)
    const isIndex = this.#code > 0 && space === 0 && /[\w)\]]$/.test(this.#before)
    const whole = isIndex ? null : WHOLE.exec(bracket)
    if (whole) {
      const numbers = this.#numbersIn(whole[0])
      if (numbers.length > 0) {
        this.#emit(pieces, this.#held.slice(0, space))
        pieces.push({ type: 'markers', numbers })
        this.#endsWithMarker = true
        this.#before = ']'
      } else {
        this.#emit(pieces, this.#held.slice(0, space).replace(/[^\n]+/g, '')) // Lines stay lines.
      }
      this.#held = bracket.slice(whole[0].length)
      return true
    }
    const mayBecome = !isEnd && !isIndex && bracket.length <= HELD_MAX && POSSIBLE.test(bracket)
    if (mayBecome) return false
    this.#emit(pieces, this.#held.slice(0, space + 1))
    this.#held = bracket.slice(1)
    return true
  }

  #emit(pieces: Piece[], text: string): void {
    if (text === '') return
    const shown = this.#endsWithMarker && LINKING.test(text) ? ` ${text}` : text
    this.#endsWithMarker = false
    this.#before = text.at(-1)!
    this.#countBackticks(text)
    const last = pieces.at(-1)
    if (last?.type === 'text') last.text += shown
    else pieces.push({ type: 'text', text: shown })
  }

  /** Code begins with a run of backticks and ends with one of the same length; inline code ends with its paragraph. */
  #countBackticks(text: string): void {
    for (const [run] of text.matchAll(/`+|\n\n|[^`\n]+|\n/g)) {
      if (run.startsWith('`')) {
        this.#backticks += run.length
        continue
      }
      this.#closeRun()
      if (run === '\n\n' && this.#code < 3) this.#code = 0
    }
  }

  #closeRun(): void {
    if (this.#backticks === 0) return
    if (this.#code === 0) this.#code = this.#backticks
    else if (this.#code === this.#backticks) this.#code = 0
    this.#backticks = 0
  }

  /** The offered ones, each once; `1–3` is all three. */
  #numbersIn(marker: string): number[] {
    const numbers = new Set<number>()
    for (const [, first, , last] of marker.normalize('NFKC').matchAll(/(\p{Nd}+)(\s*[–—-]\s*[\^#]?(\p{Nd}+))?/gu)) {
      const [from, to] = [Number(first), Number(last ?? first)]
      for (const n of this.#offered) if (n >= from && n <= to) numbers.add(n)
    }
    return [...numbers]
  }
}

/** Text of documents and names of files, where they become part of an answer or of a prompt: their own `[7]` is no marker of ours. */
export function unmarked(text: string): string {
  return text.replace(/[[【](\s*[\^#]?\p{Nd}[\p{Nd}\s,;–-]*)[\]】]/gu, '($1)')
}
