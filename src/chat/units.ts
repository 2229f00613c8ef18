/**
 * What figures count: money, shares, lengths of time, weights, distances. Figures that count different things are not taken one for
 * the other, and those of one kind are compared in one unit: two years are 24 months, 1.2 kg are 1200 g.
 */
import { type Fact, LABEL } from './fact.ts'

/** Names by their beginning behind a figure, what they measure, and what one of them is in the unit of comparison. */
type Unit = readonly [RegExp, string, number]

const word = (names: string, others = '') =>
  new RegExp(`^(?:${names})(?!\\p{L})${others === '' ? '' : `|^(?:${others})`}`, 'iu')

const UNITS: readonly Unit[] = [
  [/^(?:%|٪|per ?cent|prozent|pour cent|por ciento)/iu, 'percent', 1],
  [/^[€£$¥]/u, 'money', 1],
  [
    word('euros?|eur|dollars?|usd|pounds?|gbp|chf|francs?|franken|pesos?|crowns?', 'درهم|دراهم|ريال|دينار|元'),
    'money',
    1,
  ],
  [word('cents?|pence|p|centimes?|céntimos?|centavos?|rappen'), 'money', 0.01],
  [word('years?|jahr(?:e|en|es)?|ans|années?|años?', '年|سنوات|سنة|أعوام|عام'), 'months', 12],
  [/^岁/u, 'months', 12],
  [word('months?|monat(?:e|en|s)?|mois|mes(?:es)?', '个月|月(?!\\d)|أشهر|شهر'), 'months', 1],
  [word('weeks?|wochen?|semaines?|semanas?', '周|星期|أسابيع|أسبوع'), 'minutes', 7 * 24 * 60],
  [word('days?|tage?n?|jours?|días?', '天|أيام|يوم'), 'minutes', 24 * 60],
  [word('hours?|stunden?|heures?|horas?|hrs?|h', '小时|ساع'), 'minutes', 60],
  [word('minutes?|minuten?|minutos?|mins?', '分钟|دقيقة|دقائق'), 'minutes', 1],
  [word('seconds?|sekunden?|secondes?|segundos?|secs?', '秒|ثانية|ثوان'), 'minutes', 1 / 60],
  [word('m²|m2|sqm|square met(?:re|er)s?|quadratmetern?|mètres? carrés?|metros cuadrados', '平方米|متر مربع'), 'm²', 1],
  [word('tonnes?|tonnen?|toneladas?|tons?|t'), 'kg', 1000],
  [word('kg|kilos?|kilogram(?:me)?s?|kilogramm', '公斤|千克|كيلو'), 'kg', 1],
  [word('g|grams?|grammes?|gramm|gramos?', '克'), 'kg', 1e-3],
  [word('mg|milligram(?:me)?s?|milligramm|miligramos?'), 'kg', 1e-6],
  [word('km|kilomet(?:re|er)s?|kilometern?|kilomètres?|kilómetros?', '公里|كم|كيلومتر'), 'm', 1000],
  [word('miles?'), 'm', 1609.344],
  [word('yards?|yds?'), 'm', 0.9144],
  [word('m|met(?:re|er)s?|metern?|mètres?|metros?', '米|متر'), 'm', 1],
  [word('cm|centimet(?:re|er)s?|zentimetern?|centimètres?|centímetros?', '厘米'), 'm', 0.01],
  [word('mm|millimet(?:re|er)s?|millimetern?|millimètres?|milímetros?', '毫米'), 'm', 1e-3],
  [word('l|lit(?:re|er)s?|litern?|litros?', '升|لتر'), 'l', 1],
  [word('cl|centilit(?:re|er)s?'), 'l', 0.01],
  [word('ml|millilit(?:re|er)s?|millilitern?|mililitros?', '毫升'), 'l', 1e-3],
  [word('degrees?|grad|degrés?|grados?', '°|℃|度|摄氏度'), '°', 1],
  [word('kw|kilowatts?'), 'W', 1000],
  [word('w|watts?|vatios?', '瓦'), 'W', 1],
  [word('gb|gigabytes?'), 'MB', 1000],
  [word('mb|megabytes?'), 'MB', 1],
  // What Chinese counts by: 2次 are not 2袋.
  ...'次袋粒片盒人名户张件台层页条间'.split('').map((sign): Unit => [new RegExp(`^${sign}`, 'u'), sign, 1]),
]
/** Behind a year, 年 is no length: 1951年. */
const YEARS_MAX = 1000
const CURRENCY_BEFORE = /(?:[€£$¥]|(?<!\p{L})(?:EUR|GBP|USD|CHF|Fr\.|Rs\.?))\s?$/u
const UNIT_LENGTH_MAX = 20

/** With what they count, and their values in the unit of comparison: `24 months`. */
export function withMeasures(figures: readonly Fact[], text: string): Fact[] {
  const sorted = figures.toSorted((a, b) => a.start - b.start)
  let next: { start: number; unit: Unit | undefined } = { start: text.length, unit: undefined }
  const measured: Fact[] = []
  for (const fact of sorted.toReversed()) {
    const isListed =
      fact.measure === undefined && !YEAR.test(fact.values[0]!) && LISTED.test(text.slice(fact.end, next.start))
    const unit =
      fact.measure === 'time' || fact.measure === LABEL
        ? undefined
        : (unitOf(fact, text) ?? (isListed ? next.unit : undefined))
    measured.unshift(unit ? inMeasure(fact, unit) : fact)
    next = { start: fact.start, unit }
  }
  return measured
}

const YEAR = /^(?:19|20)\d\d$/
/** "100 and 200 ml", "6 bis 11 Jahre", "2–5 kg": the unit is that of the next figure. */
const LISTED = /^\s?(?:[-–—~～,、]|and|or|to|und|oder|bis|et|ou|à|a|y|o|和|至|到|或)\s?(?:mit |with |de |zu )?$/iu

function unitOf({ start, end }: Fact, text: string): Unit | undefined {
  // "3.8 Mio. Euro".
  const point = /\p{L}$/u.test(text.slice(start, end)) ? /^\./ : /^(?!)/
  const behind = text
    .slice(end, end + UNIT_LENGTH_MAX)
    .replace(point, '')
    .replace(/^[\s\u00a0\u202f-]/, '')
  return CURRENCY_BEFORE.test(text.slice(Math.max(0, start - 5), start))
    ? UNITS.find(([, measure]) => measure === 'money')
    : UNITS.find(([name]) => name.test(behind))
}

function inMeasure(fact: Fact, [, measure, factor]: Unit): Fact {
  if (measure === 'months' && fact.values.some((value) => Number(value) >= YEARS_MAX)) return fact
  const values = fact.values
    .filter((value) => !value.includes(':'))
    .map((value) => inUnit(Number(value) * factor, measure))
  return { ...fact, measure, values: [...fact.values, ...values] }
}

function inUnit(value: number, unit: string): string {
  return `${Number(value.toPrecision(9))} ${unit}`
}

/** Lengths of time without a figure: what is due "per year" is due every twelve months. They bear out, and are not asked for. */
const IMPLIED: readonly (readonly [RegExp, string])[] = [
  [
    /(?<!\p{L})(?:(?:an?|each|every|per) year|yearly|annual(?:ly)?|jährlich|im Jahr|pro Jahr|par an|annuel\p{L}*|al año|anual\p{L}*)(?!\p{L})|每年/giu,
    '12 months',
  ],
  [/(?<!\p{L})(?:half a year|halbes Jahr|semestres?)(?!\p{L})|半年/giu, '6 months'],
  [/(?<!\p{L})(?:quarterly|quarters?|Quartal\p{L}*|trimestres?)(?!\p{L})/giu, '3 months'],
  [/(?<!\p{L})(?:decades?|Jahrzehnt\p{L}*|décennies?|décadas?)(?!\p{L})/giu, '120 months'],
  [/(?<!\p{L})(?:fortnight|quinzaine|quincena)(?!\p{L})/giu, '20160 minutes'],
  [/(?<!\p{L})(?:a week|weekly|wöchentlich)(?!\p{L})|每周/giu, '10080 minutes'],
  [/(?<!\p{L})(?:a day|daily|täglich)(?!\p{L})|每天/giu, '1440 minutes'],
  [/(?<!\p{L})(?:an hour)(?!\p{L})/giu, '60 minutes'],
  [/(?<!\p{L})(?:half an hour|halbe Stunde|demi-heure|media hora)(?!\p{L})|半小时/giu, '30 minutes'],
]

export function impliedLengthsOf(text: string): Fact[] {
  return IMPLIED.flatMap(([pattern, value]) =>
    [...text.matchAll(pattern)].map(
      ({ 0: found, index: start }): Fact => ({
        ...{
          kind: 'figure',
          measure: value.split(' ')[1]!,
          values: [value],
          isSure: false,
          start,
          end: start + found.length,
        },
      }),
    ),
  )
}
