/**
 * Figures that an answer reckons from others: "rose by £0.7 million to £9.4 million" where the source has 9.4 and 8.7; "14 more than
 * a year earlier"; "20 minutes before 21:30, so at 21:10"; "three plans: Flex, Standard and Long". They stand nowhere and are right.
 *
 * Among thirty figures nearly every small number is a difference of two. So one of them must be in the statement itself, the other
 * stand beside it in the source, and the statement must have a word that compares or adds. When this was measured it let through 16
 * faithful figures that stand nowhere and 2 changed ones; without such a word 35 more of these.
 */
import { type Fact, isComparable, isSame } from './fact.ts'
import type { Surrounded } from './surroundings.ts'

const inWords = (words: string) => String.raw`(?<!\p{L})(?:${words})(?!\p{L})`
/** Words that compare or add. */
const COMPARING = new RegExp(
  [
    inWords(
      String.raw`more|less|fewer|earlier|later|longer|shorter|cheaper|dearer|higher|lower|larger|smaller|greater|older|younger|faster|slower|heavier|lighter|difference|total|together|altogether|combined|therefore|so|thus|increas\p{L}*|decreas\p{L}*|r[io]se[ns]?|risen|rising|gr[eo]wn?|grows|growth|fell|fallen|fall(?:s|ing)?|drop\p{L}*|declin\p{L}*|reduc\p{L}*|up|down|compared|making`,
    ),
    inWords(
      String.raw`mehr|weniger|früher|später|länger|kürzer|teurer|günstiger|billiger|höher|niedriger|größer|kleiner|älter|jünger|schneller|insgesamt|zusammen|gesamt\p{L}*|also|somit|damit|daher|unterschied|differenz|gestiegen|stieg\p{L}*|steig\p{L}*|erhöh\p{L}*|gesunken|sank\p{L}*|sink\p{L}*|zunahme|abnahme|verglichen`,
    ),
    inWords(
      String.raw`plus|moins|soit|total|ensemble|donc|ainsi|hausse|baisse|augment\p{L}*|diminu\p{L}*|différence|contre|más|menos|juntos|así|tanto|aument\p{L}*|sub(?:e|ió|ida|en|ieron)|baj(?:a|ó|ada|an|aron)|reduc\p{L}*|crec\p{L}*|diferencia|mayor|menor|antes|después`,
    ),
    '多|少|共计|合计|总共|总计|一共|增加|减少|提高|降低|上升|下降|早|晚|因此|所以|相差',
    String.raw`(?:أكثر|أقل|أكبر|أعلى|أدنى|أطول|أقصر|أرخص|أغلى)|زياد|ازداد|زاد|انخف|ارتف|تراجع|نقص|مجموع|إجمال|الفرق|أي(?!\p{L})|قبل|بعد|مقارن`,
  ].join('|'),
  'iu',
)

/** What makes a figure a result, anywhere in the statement. */
const RESULT = new RegExp(
  `${inWords('total|together|altogether|combined|insgesamt|zusammen|somit|ensemble|en tout|juntos|therefore|hence')}|共计|合计|总共|总计|一共|共(?=\\d)|المجموع|الإجمالي`,
  'iu',
)
/** What makes a figure a difference, right behind it or right before it: "€12 more", "a rise of 1.5 million", 少4公斤. */
const DIFFERENCE = {
  behind: new RegExp(
    String.raw`^\s*(?:[\p{L}€£$%.]+\s+){0,4}?(?:${inWords('(?:more|less|fewer)(?! than \\d)|earlier|later|longer|shorter|cheaper|dearer|higher|lower|larger|smaller|older|younger|faster|mehr|weniger|früher|später|länger|kürzer|teurer|günstiger|billiger|höher|niedriger|de plus|de moins|plus tôt|plus tard|más|menos')}|أقل|أكثر|أكبر|أعلى)`,
    'iu',
  ),
  before: new RegExp(
    String.raw`(?:${inWords('(?:rise|rose|risen|increase|increased|growth|grew|fall|fell|fallen|drop|dropped|decrease|decreased|difference|up|down) (?:of|by)|um|(?:hausse|baisse|augmentation|augmente|diminution|différence) de|(?:aumento|aumentó|subida|bajada|diferencia) de')}|[多少早晚][^\d，。]{0,3}|بزيادة|بمقدار)\s*[€£$]?\s?$`,
    'iu',
  ),
}

/** From others that the statement names: those are looked at themselves. */
export function isReckonedWithin({ fact }: Surrounded, claim: string, claimed: readonly Surrounded[]): boolean {
  if (!isCompared(fact, claim)) return false
  const others = claimed.map((one) => one.fact).filter((other) => other.start !== fact.start)
  return others.some((a, index) => others.slice(index + 1).some((b) => isReckonedFrom(fact, a, b)))
}

/**
 * From one that the statement or the question names and one beside it in the source; what is told to be a difference of things without
 * figures, from any two in one sentence, row or column.
 */
export function isReckonedThere(
  { fact }: Surrounded,
  { claim, claimed, asked }: { claim: string; claimed: readonly Fact[]; asked: readonly Fact[] },
  there: readonly Surrounded[],
): boolean {
  if (!COMPARING.test(claim)) return false
  const isAlone = !claimed.some((other) => other.start !== fact.start && isComparable(other, fact))
  const isSaidSo = DIFFERENCE.behind.test(claim.slice(fact.end)) || DIFFERENCE.before.test(claim.slice(0, fact.start))
  const isDifference = isAlone && (isSaidSo || RESULT.test(claim))
  const named = [...claimed.filter((other) => other.start !== fact.start), ...asked]
  if (!isDifference && !isSaidSo) return false
  const from = there.filter((one) => isDifference || named.some((other) => isSame(one.fact, other)))
  return from.some((one) =>
    there.some(
      (other) =>
        (other.sentence === one.sentence ||
          (isDifference && other.column !== undefined && other.column === one.column)) &&
        isReckonedFrom(fact, one.fact, other.fact),
    ),
  )
}

/** Characters around a figure in which a word must compare or add. */
const NEAR = 25

function isCompared({ start, end }: Fact, claim: string): boolean {
  return COMPARING.test(claim.slice(Math.max(0, start - NEAR), end + NEAR))
}

const COUNTED = { min: 3, max: 12 }
const BETWEEN_COUNTED = /,(?!\d)|[;、،和]|(?<!\p{L})(?:and|or|und|oder|et|ou|y|e|o)(?!\p{L})|(?<!\p{L})و(?=\p{L}{3})/giu

/** "Three plans" with so many behind it. */
export function isCount({ fact }: Surrounded, claim: string): boolean {
  const value = Number(fact.values[0])
  if (fact.measure !== undefined || !Number.isInteger(value) || value < COUNTED.min || value > COUNTED.max) return false
  return (claim.slice(fact.end).match(BETWEEN_COUNTED) ?? []).length === value - 1
}

/** Whether it is the sum or the difference of the two. Days and years of dates are none. */
function isReckonedFrom(fact: Fact, a: Fact, b: Fact): boolean {
  if ([fact, a, b].some(({ kind, measure }) => kind !== 'figure' || measure === 'date')) return false
  const isOf = (c: Fact, d: Fact) => c.measure === d.measure || c.measure === undefined || d.measure === undefined
  const [times, timesA, timesB] = [clockOf(fact), clockOf(a), clockOf(b)]
  if (times.length > 0) return isShifted(times, timesA, b) || isShifted(times, timesB, a)
  if (timesA.length > 0 && timesB.length > 0) return isShifted(timesA, timesB, fact)
  if (timesA.length > 0 || timesB.length > 0 || !isOf(fact, a) || !isOf(fact, b) || !isOf(a, b) || isYear(fact))
    return false
  return numbersOf(fact).some((sum) =>
    numbersOf(a).some((one) =>
      numbersOf(b).some(
        (other) =>
          new Set([sum.unit, one.unit, other.unit].filter((unit) => unit !== '')).size <= 1 &&
          (isEqual(sum.value, one.value + other.value) || isEqual(sum.value, Math.abs(one.value - other.value))),
      ),
    ),
  )
}

/** Whether these times of day are so many minutes apart. */
function isShifted(times: readonly number[], from: readonly number[], by: Fact): boolean {
  const minutes = numbersOf(by).filter(({ unit }) => unit === 'minutes')
  return times.some((time) => from.some((other) => minutes.some(({ value }) => Math.abs(time - other) === value)))
}

function isYear({ measure, values }: Fact): boolean {
  return measure === undefined && values.length === 1 && /^(?:19|20)\d\d$/.test(values[0]!)
}

/** Minutes since midnight. */
function clockOf({ values }: Fact): number[] {
  return values.flatMap((value) => {
    const [hours, minutes] = value.split(':')
    return minutes === undefined ? [] : [Number(hours) * 60 + Number(minutes)]
  })
}

function numbersOf({ values }: Fact): { value: number; unit: string }[] {
  return values.flatMap((written) => {
    const [value, unit = ''] = written.split(' ')
    const number = Number(value)
    return Number.isNaN(number) || number === 0 ? [] : [{ value: number, unit }]
  })
}

function isEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-6 * Math.abs(a)
}
