/**
 * A page's text to passages: whole sentences up to a size, never across a heading, as ranges into the untouched text. What a
 * passage needs to be understood and stands elsewhere (the headings above it) goes along as its heading.
 */
import { hasWords, type Range, splitSentences } from './sentences.ts'
import { isHanOrKana } from './words.ts'

export interface Heading extends Range {
  level: number
}

export interface PassageDraft extends Range {
  text: string
  /** The path of headings: `A > B > C`. Last comes the header of the table or the lead-in of the list, where it begins inside one. */
  heading: string
}

/** UTF-16 code units. Han and kana say as much in fewer signs. */
const PASSAGE_LENGTH_MAX = 1000
const PASSAGE_LENGTH_MAX_HAN = 400
const SAMPLE_LENGTH = 4000
const HAN_SHARE_MIN = 0.2
export const HEADING_SEPARATOR = ' > '
const HEADING_LENGTH_MAX = 300

export function cutPassages(page: { text: string; headings: readonly Heading[] }): PassageDraft[] {
  const { text } = page
  const lengthMax = isMostlyHan(text) ? PASSAGE_LENGTH_MAX_HAN : PASSAGE_LENGTH_MAX
  return sectionsOf(page).flatMap((section) =>
    cutSection(text, section, lengthMax).map(({ start, end, lead }) => ({
      start,
      end,
      text: text.slice(start, end),
      heading:
        lead === undefined ? section.path : section.path === '' ? lead : `${section.path}${HEADING_SEPARATOR}${lead}`,
    })),
  )
}

export function isMostlyHan(text: string): boolean {
  const sample = text.slice(0, SAMPLE_LENGTH)
  let count = 0
  for (const letter of sample) if (isHanOrKana(letter.codePointAt(0)!)) count++
  return count > HAN_SHARE_MIN * sample.length
}

interface Section extends Range {
  path: string
}

/** The text between headings, each with the path of headings above it. */
function sectionsOf({ text, headings }: { text: string; headings: readonly Heading[] }): Section[] {
  const sections: Section[] = []
  const open: Heading[] = []
  let start = 0
  for (const [index, heading] of headings.entries()) {
    if (index === 0) sections.push({ start, end: lineStart(text, heading.start), path: '' })
    while (open.length > 0 && open.at(-1)!.level >= heading.level) open.pop()
    const next = headings[index + 1]
    start = bodyStart(text, heading.end)
    const end = next ? Math.max(start, lineStart(text, next.start)) : text.length
    const body = { start, end, path: pathOf(text, [...open, heading]) }
    // A heading that heads nothing is found as a text of its own.
    const isAlone = (!next || next.level <= heading.level) && !hasWords(text.slice(start, end))
    sections.push(isAlone ? { start: heading.start, end: heading.end, path: pathOf(text, open) } : body)
    open.push(heading)
  }
  if (headings.length === 0) sections.push({ start, end: text.length, path: '' })
  return sections
}

function pathOf(text: string, headings: readonly Heading[]): string {
  return headings.map((heading) => headingText(text, heading)).join(HEADING_SEPARATOR)
}

function headingText(text: string, { start, end }: Range): string {
  return text
    .slice(start, Math.min(end, start + HEADING_LENGTH_MAX))
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .trim()
}

function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1
}

/** After the heading's line, and the line that underlines it. */
function bodyStart(text: string, headingEnd: number): number {
  const end = afterLine(text, headingEnd)
  const next = afterLine(text, end)
  return /^ {0,3}(?:=+|-+)\s*$/.test(text.slice(end, Math.min(next, end + 200))) ? next : end
}

function afterLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end === -1 ? text.length : end + 1
}

function cutSection(text: string, { start, end }: Range, lengthMax: number): (Range & { lead?: string })[] {
  const passages: (Range & { lead?: string })[] = []
  const sentences = splitSentences(text, start, end).flatMap((sentence) => cutHard(text, sentence, lengthMax))
  const leads = leadsOf(text, sentences)
  let current: Range | undefined
  let first = 0
  const close = () => {
    if (!current || !hasWords(text.slice(current.start, current.end))) return
    const lead = leads[first]
    passages.push(lead && lead.end <= current.start ? { ...current, lead: headingText(text, lead) } : current)
  }
  for (const [index, sentence] of sentences.entries()) {
    const previous = sentences[index - 1]
    const isNewParagraph = previous !== undefined && hasBlankLine(text, previous.end, sentence.start)
    const isFull = current !== undefined && sentence.end - current.start > lengthMax
    const isOver = current !== undefined && isNewParagraph && current.end - current.start > lengthMax / 2
    if (current && !isFull && !isOver) {
      current.end = sentence.end
      continue
    }
    close()
    // Within a paragraph the last sentence is repeated where both fit: an answer may need both.
    const canRepeat =
      current !== undefined &&
      !isNewParagraph &&
      previous!.start > current.start &&
      sentence.end - previous!.start <= lengthMax
    first = canRepeat ? index - 1 : index
    current = { start: sentences[first]!.start, end: sentence.end }
  }
  close()
  return passages
}

const ROW = /^\|.*\||\|.*\|$/
const ITEM = /^(?:[-*+•‣▪◦–]|\(?\d{1,3}[.)]|\p{L}[.)])\s/u
/** Deciding what a sentence is needs no more of it. */
const LINE_SAMPLE = 400

/** For each sentence the row that heads its table, or the sentence that leads in its list. */
function leadsOf(text: string, sentences: readonly Range[]): (Range | undefined)[] {
  let lead: Range | undefined
  let inside: 'table' | 'list' | undefined
  return sentences.map((sentence, index) => {
    const previous = sentences[index - 1]
    const between = previous ? text.slice(previous.end, sentence.start) : '\n'
    // The rest of a row or item: on the same line, or indented.
    if (inside && !between.includes('\n')) return lead
    const line = text.slice(sentence.start, Math.min(sentence.end, sentence.start + LINE_SAMPLE))
    if (ROW.test(line)) {
      if (inside !== 'table') lead = sentence
      inside = 'table'
    } else if (ITEM.test(line)) {
      if (inside !== 'list')
        lead = previous && /[:：]$/.test(text.slice(previous.start, previous.end)) ? previous : undefined
      inside = 'list'
    } else if (inside !== 'list' || !/\n[ \t]+$/.test(between)) {
      lead = undefined
      inside = undefined
    }
    return lead
  })
}

/** A sentence that is longer than a passage, in pieces that end at white space where there is some in the last fifth. */
function cutHard(text: string, sentence: Range, lengthMax: number): Range[] {
  const pieces: Range[] = []
  let { start } = sentence
  while (sentence.end - start > lengthMax) {
    const end = cutBefore(text, start, start + lengthMax)
    pieces.push({ start, end })
    start = end
    while (start < sentence.end && /\s/.test(text[start]!)) start++
  }
  if (start < sentence.end) pieces.push({ start, end: sentence.end })
  return pieces
}

export function cutBefore(text: string, start: number, limit: number): number {
  for (let at = limit; at > limit - (limit - start) / 5; at--) if (/\s/.test(text[at]!)) return at
  const isInsidePair = (text.charCodeAt(limit) & 0xfc00) === 0xdc00
  return isInsidePair ? limit - 1 : limit
}

function hasBlankLine(text: string, from: number, to: number): boolean {
  return /\n[^\S\n]*\n/.test(text.slice(from, to))
}
