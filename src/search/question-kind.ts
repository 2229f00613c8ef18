/** What kind of answer a question wants, by English cue words, and whether a sentence has one. Harmless in other languages. */

export type QuestionKind = 'number' | 'date' | 'who' | 'where' | 'why' | 'how'

const CUES: readonly { kind: QuestionKind; cue: RegExp }[] = [
  {
    kind: 'number',
    cue: /\bhow (?:many|much|old|long|far|tall|high|large|big|deep|fast|often|heavy|wide)\b|\bwhat (?:percentage|percent|number|amount|fraction|proportion|share)\b|\b(?:maximum|minimum|limit|population of|number of|percentage of)\b/i,
  },
  { kind: 'date', cue: /\bwhen\b|\b(?:what|which) (?:year|date|day|month|century|decade|time)\b/i },
  { kind: 'who', cue: /\bwho(?:m|se)?\b|\b(?:what|which) (?:person|man|woman|actor|author|king|queen|president)\b/i },
  { kind: 'where', cue: /\bwhere\b|\b(?:what|which) (?:city|country|state|place|town|region|location|continent)\b/i },
  { kind: 'why', cue: /\bwhy\b|\bwhat (?:is|was|were|are) the (?:reason|cause)s?\b/i },
  { kind: 'how', cue: /\bhow\b/i },
]

export function kindOf(question: string): QuestionKind | undefined {
  return CUES.find(({ cue }) => cue.test(question))?.kind
}

const NUMBER =
  /\d+(?:[.,]\d+)*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|billion|half|twice|dozen)\b/gi
const DIGITS = /\d+(?:[.,]\d+)*/g
const YEAR = /\b(?:1\d{3}|20\d{2})\b/g
const CALENDAR =
  /\b(?:january|february|march|april|may|june|july|august|september|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|century)\b/i
const CAPITALISED = /(?<=[^.!?\s]\s+["“(]?)\p{Lu}[\p{L}\p{M}'’-]+/gu
const REASON =
  /\b(?:because|since|due to|led to|leads to|so that|in order to|as a result|result(?:ed|s)? (?:in|from)|caused?|therefore|reason)\b/i
const MEANS = /\b(?:by|through|using|via|with)\b/i

/** From −1.4 (it has no answer of this kind) to 1.4 (it has). */
export function kindScore(kind: QuestionKind | undefined, question: string, sentence: string): number {
  switch (kind) {
    case undefined:
      return 0
    case 'number':
      return hasNew(NUMBER, sentence, question) ? 1.4 : -1.4
    case 'date':
      if (hasNew(YEAR, sentence, question) || CALENDAR.test(sentence)) return 1.2
      return hasNew(DIGITS, sentence, question) ? 0 : -0.8
    case 'who':
      return hasNew(CAPITALISED, sentence, question) ? 0 : -1.3
    case 'where':
      return hasPlace(sentence, question) ? 1.2 : 0
    case 'why':
      return REASON.test(sentence) ? 1 : 0
    case 'how':
      return MEANS.test(sentence) ? 1 : 0
  }
}

function hasNew(pattern: RegExp, sentence: string, question: string): boolean {
  const asked = question.toLowerCase()
  return sentence.match(pattern)?.some((found) => !asked.includes(found.toLowerCase())) ?? false
}

function hasPlace(sentence: string, question: string): boolean {
  const asked = question.toLowerCase()
  for (const [, name] of sentence.matchAll(PLACE)) if (!asked.includes(name!.toLowerCase())) return true
  return false
}
const PLACE = /\b(?:in|at|near|from|to|of)\s+(?:the\s+)?(\p{Lu}[\p{L}\p{M}'’-]+)/gu
