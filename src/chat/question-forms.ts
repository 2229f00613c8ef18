/** Subjects of a text as questions about it, in its language; where we do not speak that, the subject itself is the question. */
import { type Language, languageOf } from './languages.ts'

const NAMES_MAX = 12
/** Longer texts say nothing new of their language. */
const SAMPLE_LENGTH = 4000

/** The question about a subject is what stands before and behind it; what begins with a word that asks is one by itself. */
interface QuestionForm {
  before: string
  behind: string
  asking: RegExp
  /** Before and behind such a one. */
  opening: string
  mark: string
  /** Whether a heading that is no name goes on small within a sentence. */
  isUncapitalised: boolean
}

// Nothing in them points back to what was said before, and no word of them stands for a subject.
const FORMS: Readonly<Record<Language, QuestionForm>> = {
  en: {
    before: 'What is there about ',
    behind: '?',
    asking: /^(?:how|what|when|where|which|who|whose|why)\b/i,
    opening: '',
    mark: '?',
    isUncapitalised: true,
  },
  de: {
    before: 'Was steht hier zum Thema ',
    behind: '?',
    asking: /^(?:wie|was|wann|wo|welche[rsnm]?|wer|wessen|warum|wozu)\b/i,
    opening: '',
    mark: '?',
    isUncapitalised: false,
  },
  es: {
    before: '¿Qué se dice sobre ',
    behind: '?',
    asking: /^(?:cómo|qué|cuándo|dónde|cuál(?:es)?|quién(?:es)?|por qué|cuánt[oa]s?)(?!\p{L})/iu,
    opening: '¿',
    mark: '?',
    isUncapitalised: true,
  },
  fr: {
    before: 'Que trouve-t-on sur ',
    behind: '\u00a0?',
    asking: /^(?:comment|que|quand|où|quel(?:le)?s?|qui|pourquoi|combien)(?!\p{L})/iu,
    opening: '',
    mark: '\u00a0?',
    isUncapitalised: true,
  },
  zh: {
    before: '关于',
    behind: '有什么内容？',
    asking: /^(?:如何|怎么|怎样|什么|为什么|何时|哪里|谁)/,
    opening: '',
    mark: '？',
    isUncapitalised: false,
  },
  ar: {
    before: 'ماذا يوجد عن ',
    behind: '؟',
    asking: /^(?:كيف|ماذا|متى|أين|من|لماذا|كم|ما)(?!\p{L})/u,
    opening: '',
    mark: '؟',
    isUncapitalised: false,
  },
}

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
  const language = languageOf(sample)
  if (language === undefined) return `${plain}${questionMarkFor(plain)}`
  const { before, behind, asking, opening, mark, isUncapitalised } = FORMS[language]
  if (asking.test(plain)) return `${opening}${plain}${mark}`
  return `${before}${isUncapitalised ? uncapitalised(plain, sample) : plain}${behind}`
}

/**
 * What a question of these forms is about: that alone is searched for, because the other words say nothing and would be missed in
 * the documents. Undefined for all other questions.
 */
export function subjectOf(question: string): string | undefined {
  const asked = question.trim()
  const form = Object.values(FORMS).find(({ before, behind }) => asked.startsWith(before) && asked.endsWith(behind))
  return form && (asked.slice(form.before.length, asked.length - form.behind.length).trim() || undefined)
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
  const isPhrase = /^\S+(?: \p{Ll}[\p{L}’'-]*)+(?: \p{N}+)?$/u.test(subject)
  return isCommon || (isPhrase && !isName) ? subject[0]!.toLowerCase() + subject.slice(1) : subject
}

function questionMarkFor(text: string): string {
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(text)) return '？'
  return /\p{Script=Arabic}/u.test(text) ? '؟' : '?'
}

export function isQuestion(text: string): boolean {
  return /[?？؟]$/.test(text.trim())
}
