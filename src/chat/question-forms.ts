/** Subjects of a text as questions about it. Of languages only English is known: elsewhere the subject itself is the question. */

const NAMES_MAX = 12
/** Longer texts say nothing new of their language. */
const SAMPLE_LENGTH = 4000
const ENGLISH = /\b(?:the|of|and|is|are|was|with|that|for)\b/g
/** Characters per such word: English prose has one in 20 to 40, German or French one in more than a thousand. */
const ENGLISH_EVERY_MAX = 120
const ASKING = /^(?:how|what|when|where|which|who|whose|why)\b/i

// Within a sentence, so that a capital is more than its beginning. What stands in capitals throughout is no name.
const NAME = /(?<=[\p{Ll}\p{N},;] )\p{Lu}[\p{Ll}-]+\p{Ll}(?: \p{Lu}[\p{Ll}-]+\p{Ll}){0,2}(?![\p{L}-])/gu
const NAME_LENGTH_MIN = 5
/** Titles and terms, in scripts without capitals as well. */
const MARKED = /[《「『«]([^《》「」『』«»\n]{2,30})[》」』»]/gu

/** What capitals within sentences and marks show to be names, titles or terms, the most frequent first. */
export function namesIn(text: string): string[] {
  const counts = new Map<string, number>()
  const note = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const [, marked] of text.matchAll(MARKED)) note(marked!.trim())
  if (isMostlyCased(text)) for (const [name] of text.matchAll(NAME)) if (name.length >= NAME_LENGTH_MIN) note(name)
  const weight = (name: string, count: number) => count * (name.includes(' ') ? 3 : 1)
  return [...counts]
    .sort(([a, countA], [b, countB]) => weight(b, countB) - weight(a, countA))
    .slice(0, NAMES_MAX)
    .map(([name]) => name)
}

/** In a text of another script, words with capitals are foreign to it. */
function isMostlyCased(text: string): boolean {
  const sample = text.slice(0, SAMPLE_LENGTH)
  const cased = sample.match(/[\p{Lu}\p{Ll}]/gu)?.length ?? 0
  return cased > (sample.match(/\p{Lo}/gu)?.length ?? 0)
}

/** `sample`: of the text that the subject is from. */
export function questionAbout(subject: string, sample: string): string {
  const plain = subject.replace(/[\s.!。！]+$/u, '')
  if (!isEnglish(sample)) return `${plain}${questionMarkFor(plain)}`
  if (ASKING.test(plain)) return `${plain}?`
  // Only function words, so that the subject alone is searched; and nothing that points back to what was said before.
  return `What is there about ${uncapitalised(plain, sample)}?`
}

function isEnglish(sample: string): boolean {
  const start = sample.slice(0, SAMPLE_LENGTH)
  return start.length / (start.match(ENGLISH)?.length ?? 0) <= ENGLISH_EVERY_MAX
}

/**
 * A heading begins with a capital; the text tells whether its first word has one of its own. Where it says nothing, a heading
 * whose other words have none is a phrase, and one of a single word may be a name.
 */
function uncapitalised(subject: string, sample: string): string {
  const first = /^\p{Lu}\p{Ll}+/u.exec(subject)?.[0]
  if (first === undefined) return subject
  const isSeen = (word: string, before: string) => new RegExp(`${before}${word}(?!\\p{L})`, 'u').test(sample)
  const isCommon = isSeen(first.toLowerCase(), '(?<!\\p{L})')
  const isName = isSeen(first, '(?<=[\\p{Ll},;] )')
  const isPhrase = /^\S+(?: \p{Ll}[\p{L}-]*)+$/u.test(subject)
  return isCommon || (isPhrase && !isName) ? subject[0]!.toLowerCase() + subject.slice(1) : subject
}

function questionMarkFor(text: string): string {
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return '？'
  return /\p{Script=Arabic}/u.test(text) ? '؟' : '?'
}

export function isQuestion(text: string): boolean {
  return /[?？؟]$/.test(text.trim())
}
