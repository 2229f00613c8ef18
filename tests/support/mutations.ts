/**
 * Faithful statements made false, one change at a time, as models make mistakes: a figure, a date, a negation, a source.
 * Each language has its own words for months, small figures and denials; what is changed in one is changed in all.
 */

export type MutationKind = 'figure' | 'date' | 'negation' | 'source'

export interface Mutation {
  kind: MutationKind
  /** The statement with its marker. */
  answer: string
}

/** Beside letters that are no alphabet's (35平方米) a figure is still one. */
const FIGURE = /(?<![\p{Script=Latin}\d])\d[\d.,:]*\d|(?<![\p{Script=Latin}\d-])\d(?![\p{Script=Latin}\d-])/gu
const WORD_FIGURES: Readonly<Record<Language, readonly string[]>> = {
  en: 'two three four five six seven eight nine ten eleven twelve fourteen sixteen nineteen forty seventy'.split(' '),
  de: 'zwei drei vier fünf sechs acht neun zehn elf zwölf'.split(' '),
  fr: 'deux trois quatre cinq six sept huit dix douze'.split(' '),
  es: 'dos tres cuatro cinco seis siete ocho diez once'.split(' '),
  zh: [],
  ar: 'ثلاثة أربعة خمسة ستة'.split(' '),
}
const CALENDAR = [
  'January February March April May June July August September October November December',
  'Januar Februar März April Mai Juni Juli August September Oktober November Dezember',
  'janvier février mars avril mai juin juillet août septembre octobre novembre décembre',
  'enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre',
  'يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر',
  'Monday Tuesday Wednesday Thursday Friday Saturday Sunday',
  'montags dienstags mittwochs donnerstags freitags samstags sonntags',
  'lundi mardi mercredi jeudi vendredi samedi dimanche',
  'lunes martes miércoles jueves viernes sábados domingos',
  '星期一 星期二 星期三 星期四 星期五 星期六 星期日',
].map((line) => line.split(' '))

/** `n` is the source that says so, `other` one that does not. */
export function mutate(
  claim: string,
  passage: string,
  { language, ...sources }: { n: number; other: number; language: Language },
): Mutation[] {
  return [
    ...changesOf(claim, passage, language).map(({ kind, text }) => ({ kind, answer: withMarker(text, sources.n) })),
    { kind: 'source', answer: withMarker(claim, sources.other) },
  ]
}

/** The statement without markers, each time with one thing changed. */
export function changesOf(claim: string, passage: string, language: Language): { kind: MutationKind; text: string }[] {
  const of = (kind: MutationKind, texts: readonly string[]) => texts.map((text) => ({ kind, text }))
  return [
    ...of('figure', [...swapFigures(claim, passage), ...swapWords(claim, [WORD_FIGURES[language]])]),
    ...of('date', swapWords(claim, CALENDAR)),
    ...of('negation', flipNegation(claim, language)),
  ]
}

export function withMarker(claim: string, n: number): string {
  return claim.replace(/\s*([.。])$/, ` [${n}]$1`)
}

/** Before the sign at its end, if it has one. */
export function withMarkers(claim: string, numbers: readonly number[]): string {
  const markers = numbers.map((n) => `[${n}]`).join('')
  return claim.replace(/\s*([.。!?？！؟;；:：]?)\s*$/u, ` ${markers}$1`)
}

/** Each figure once by another figure of the same passage and once by one that is nowhere. */
function swapFigures(claim: string, passage: string): string[] {
  return [...claim.matchAll(FIGURE)].flatMap(({ 0: figure, index }) => {
    const replace = (by: string) => claim.slice(0, index) + by + claim.slice(index + figure.length)
    const others = [...passage.matchAll(FIGURE)].map(([other]) => other).filter((other) => !claim.includes(other))
    const alike = others.find((other) => other.length === figure.length) ?? others[0]
    const changed = figure.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 3) % 10))
    return [...(alike ? [replace(alike)] : []), ...(passage.includes(changed) ? [] : [replace(changed)])]
  })
}

/** Each word of a list by the one three further, in the first list that has it: April is April in two languages. */
function swapWords(claim: string, lists: readonly (readonly string[])[]): string[] {
  const changed = new Set<string>()
  return lists.flatMap((list) =>
    list.flatMap((word, index) => {
      const found = new RegExp(
        String.raw`(?<![\p{Script=Latin}\p{Script=Arabic}])${word}(?![\p{Script=Latin}\p{Script=Arabic}])`,
        'u',
      ).exec(claim)
      if (!found || changed.has(word)) return []
      changed.add(word)
      return [claim.slice(0, found.index) + list[(index + 3) % list.length]! + claim.slice(found.index + word.length)]
    }),
  )
}

interface Denial {
  /** Taken out, and what stays in its place. */
  remove: RegExp
  kept?: string
  /** Statements with another denial are left alone. */
  other: RegExp
  /** The first of these is denied. */
  say: RegExp
  deny: string
}

export type Language = 'en' | 'de' | 'fr' | 'es' | 'zh' | 'ar'

const DENIALS: Readonly<Record<Language, Denial>> = {
  en: {
    remove: /\b(?:not|never) /u,
    other: /\b(?:no|nobody|nothing)\b/iu,
    say: /(?<=\b(?:is|are|was|were|may|must|will|can|has to|has been) )/u,
    deny: 'not ',
  },
  de: {
    remove: /(?<!\p{L})(?:nicht |k(?=eine?[nmrs]? ))/u,
    other: /(?<!\p{L})(?:nicht|kein\p{L}*|nie|niemand|nichts)(?!\p{L})/iu,
    say: /(?<=(?<!\p{L})(?:ist|sind|wurden?|darf|dürfen|muss|müssen|kann|kostet|gilt|zahlen|erhalten|wartet|entscheidet) )/u,
    deny: 'nicht ',
  },
  fr: {
    remove: /(?<!\p{L})n(?:e |['’])(\p{L}+) (?:pas|plus) /u,
    kept: '$1 ',
    other: /(?<!\p{L})(?:n['’]|(?:ne|pas|jamais|aucune?|sans|ni)(?!\p{L}))/iu,
    say: /(?<!\p{L})(sont|peut|peuvent|doit|doivent|dure|coûte|contient|commence|manque) /u,
    deny: 'ne $1 pas ',
  },
  es: {
    remove: /(?<!\p{L})no (?=\p{Ll})/iu,
    other: /(?<!\p{L})(?:no|nunca|sin|ningún|ninguna|nadie)(?!\p{L})/iu,
    say: /(?<!\p{L})(?=(?:es|fue|está|tiene|puede|pueden|debe|deben|dura|paga|cuesta|llegó|cerró|alivia|visitan) )/u,
    deny: 'no ',
  },
  zh: {
    remove: /不(?=可以|可|能|要|需|得|对|在|开)/u,
    other: /[不没未]/u,
    say: /(?=可以|适用于|需要|要每|提供|包括)/u,
    deny: '不',
  },
  ar: {
    remove: /(?<!\p{L})لا /u,
    other: /(?<!\p{L})و?(?:لا|لم|لن|ليس) /u,
    say: /(?<!\p{L})(?=(?:يمكن|يجوز|يدفع|تدفع|تعمل|يبدأ|تصدر|تستمر) )/u,
    deny: 'لا ',
  },
}

function flipNegation(claim: string, language: Language): string[] {
  const { remove, kept = '', other, say, deny } = DENIALS[language]
  if (remove.test(claim)) return [claim.replace(remove, kept)]
  if (other.test(claim)) return []
  const denied = claim.replace(say, deny)
  return denied === claim ? [] : [denied]
}
