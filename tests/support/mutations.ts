/** Faithful statements made false, one change at a time, as models make mistakes: a figure, a date, a negation, a source. */

export type MutationKind = 'figure' | 'date' | 'negation' | 'source'

export interface Mutation {
  kind: MutationKind
  /** The statement with its marker. */
  answer: string
}

const FIGURE = /(?<![\p{L}\d])\d[\d.,:]*\d|(?<![\p{L}\d-])\d(?![\p{L}\d-])/gu
const MONTHS = 'January February March April May June July August September October November December'.split(' ')
const MONATE = 'Januar Februar März April Mai Juni Juli August September Oktober November Dezember'.split(' ')
const DAYS = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ')
const TAGE = 'montags dienstags mittwochs donnerstags freitags samstags sonntags'.split(' ')
const WORD_FIGURES =
  'two three four five six seven eight nine ten eleven twelve fourteen sixteen nineteen forty seventy'.split(' ')

/** `n` is the source that says so, `other` one that does not. */
export function mutate(claim: string, passage: string, sources: { n: number; other: number }): Mutation[] {
  const marked = (text: string) => text.replace(/\.$/, ` [${sources.n}].`)
  const of = (kind: MutationKind, texts: readonly string[]) => texts.map((text) => ({ kind, answer: marked(text) }))
  return [
    ...of('figure', [...swapFigures(claim, passage), ...swapWords(claim, [WORD_FIGURES])]),
    ...of('date', swapWords(claim, [/Holm hat|Freibad|Brücke|Bücherei/.test(claim) ? MONATE : MONTHS, DAYS, TAGE])),
    ...of('negation', flipNegation(claim)),
    { kind: 'source', answer: claim.replace(/\.$/, ` [${sources.other}].`) },
  ]
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

/** Each word of a list by the one three further. */
function swapWords(claim: string, lists: readonly (readonly string[])[]): string[] {
  return lists.flatMap((list) =>
    list.flatMap((word, index) => {
      const pattern = new RegExp(String.raw`\b${word}\b`)
      return pattern.test(claim) ? [claim.replace(pattern, list[(index + 3) % list.length]!)] : []
    }),
  )
}

function flipNegation(claim: string): string[] {
  const negated = /\b(?:not|never|nicht) /.exec(claim)
  if (negated) return [claim.replace(negated[0], '')]
  if (/\b(?:no|nobody|nothing)\b/i.test(claim)) return []
  const withNot = claim.replace(/\b(is|are|was|were|may|must|will|can|has to|has been|ist|sind|wurde)\b/, '$1 not')
  return withNot === claim ? [] : [withNot.replace(/\b(ist|sind|wurde) not/, '$1 nicht')]
}
