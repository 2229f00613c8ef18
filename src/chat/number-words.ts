/**
 * Numbers written as words, in the languages whose words for them are known: twelve hundred, vierundzwanzig, quatre-vingt-dix,
 * cuarenta y seis, ثلاثة, 三十. Words that are also others ("once", "neuf", "cent") may bear a figure out and are never asked for.
 */

export interface NumberWord {
  value: number
  /** False where the words may mean something else. */
  isSure: boolean
  start: number
  end: number
}

/** From 0 on, an alternative form behind a stroke. */
const FROM_ZERO = [
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
  'null ein|eins|eine|einen|einem|einer zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn',
  'zéro un|une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf',
  'cero un|uno|una dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve',
  'صفر واحد|واحدة اثنان|اثنين|اثنتان ثلاثة|ثلاث أربعة|أربع خمسة|خمس ستة|ست سبعة|سبع ثمانية|ثماني|ثمان تسعة|تسع عشرة|عشر',
]
/** From 20 on, in steps of 10. */
const FROM_TWENTY = [
  'twenty thirty forty fifty sixty seventy eighty ninety',
  'zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig',
  'vingt|vingts trente quarante cinquante soixante',
  'veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa',
  'عشرون|عشرين ثلاثون|ثلاثين أربعون|أربعين خمسون|خمسين ستون|ستين سبعون|سبعين ثمانون|ثمانين تسعون|تسعين',
]
const SCALES: readonly (readonly [number, string])[] = [
  [100, 'hundred hundert cent cents cien ciento cientos مئة مائة'],
  [1e3, 'thousand tausend mille mil ألف آلاف'],
  [1e6, 'million millions millionen millón millones مليون'],
]
/** Also an article, an adverb, a month's beginning, a part of "per cent". */
const UNSURE = new Set(
  'one ein eins eine einen einem einer un une uno una واحد واحدة both beide beiden beider ambos ambas twice einmal achten achte once neuf sept cent cents mille mil ست null million millions millionen millones millón مليون'.split(
    ' ',
  ),
)

const VALUES: ReadonlyMap<string, number> = new Map([
  ...FROM_ZERO.flatMap((line) => forms(line, (index) => index)),
  ...FROM_TWENTY.flatMap((line) => forms(line, (index) => (index + 2) * 10)),
  ...SCALES.flatMap(([value, line]) => forms(line, () => value)),
  ...compounds(),
  ...ordinals(),
  ...forms('both|beide|beiden|beider|ambos|ambas|twice', () => 2),
])

function forms(line: string, numberAt: (index: number) => number): [string, number][] {
  return line
    .split(' ')
    .flatMap((word, index) => word.split('|').map((form): [string, number] => [form, numberAt(index)]))
}

/** From the third on: the first and the second are also adjectives and lengths of time. */
function ordinals(): [string, number][] {
  return [
    'third|thirds fourth fifth sixth seventh eighth ninth tenth eleventh twelfth',
    'dritte|dritten|dritter|drittes|drittel vierte|vierten|vierter|viertes fünfte|fünften sechste|sechsten siebte|siebten achte|achten neunte|neunten zehnte|zehnten elfte|elften zwölfte|zwölften',
    'troisième|tiers quatrième cinquième sixième septième huitième neuvième dixième onzième douzième',
    'tercer|tercera|tercero|tercio|tercios cuarta|cuarto quinta|quinto sexta|sexto séptima|séptimo octava|octavo novena|noveno décima|décimo',
  ].flatMap((line) => forms(line, (index) => index + 3))
}

/** What German and Spanish write as one word: `einundzwanzig`, `dreihundert`, `veintidós`, `doscientos`. */
function compounds(): [string, number][] {
  const units = (line: string) => forms(line, (index) => index).filter(([, value]) => value > 0 && value < 10)
  const german = units(FROM_ZERO[1]!)
  return [
    ...german.flatMap(([unit, value]) =>
      forms(FROM_TWENTY[1]!, (index) => (index + 2) * 10).map(([tens, more]): [string, number] => [
        `${unit}und${tens}`,
        value + more,
      ]),
    ),
    ...german.flatMap(([unit, value]): [string, number][] => [
      [`${unit}hundert`, value * 100],
      [`${unit}tausend`, value * 1000],
      [`${unit}mal`, value],
    ]),
    ...forms(
      'veintiuno veintidós veintitrés veinticuatro veinticinco veintiséis veintisiete veintiocho veintinueve',
      (index) => index + 21,
    ),
    ...forms('doscientos|doscientas trescientos|trescientas cuatrocientos|cuatrocientas', (index) => (index + 2) * 100),
    ['quinientos', 500],
  ]
}

const HALF_MORE = /^ (?:and a half|y medi[ao]|et demie?)(?!\p{L})/u
/** The Arabic "and", "by", "for" and "as" are written on to a word. */
const ARABIC_PREFIX = /^[وبلفك](?=\p{L}{3})/u
/** Between words of one number: twenty-one, vingt et un, cuarenta y seis, a hundred and ten. */
const BETWEEN = /^(?:[- ]|[- ]et[- ]| y | and )$/i

/** What makes "two" no more than "both". */
const THE = /(?<!\p{L})(?:the|these|die|den|der|diese|diesen|les|des|ces|los|las|estos|estas)\s$/iu
/** The Spanish for "keep in mind", "be careful". */
const OTHER_WORDS = /^ten (?:en cuenta|presente|cuidado|siempre|en mente|a mano)/iu

export function numberWordsOf(text: string): NumberWord[] {
  const numbers: Spoken[] = []
  for (const { 0: found, index } of text.matchAll(/\p{L}[\p{L}\p{M}]*/gu)) {
    const word = found.toLowerCase()
    const value = VALUES.get(word) ?? VALUES.get(word.replace(ARABIC_PREFIX, ''))
    if (value === undefined || (value === 10 && OTHER_WORDS.test(text.slice(index)))) continue
    const before = numbers.at(-1)
    const isOne = before && joins(before, value, text.slice(before.end, index))
    const number = isOne ? before : { sum: 0, part: 0, isSure: !UNSURE.has(word), start: index, end: index }
    if (value < 1000)
      number.part = value === 100 || number.part === 4 ? (number.part || 1) * value : number.part + value
    else Object.assign(number, { sum: number.sum + (number.part || 1) * value, part: 0 })
    number.end = index + found.length
    // "In the two cases" says no more than "both".
    if (value === 2 && THE.test(text.slice(0, index))) number.isSure = false
    if (isOne) number.isSure = true
    else numbers.push(number)
  }
  return [...numbers.map((number) => finish(number, text)), ...hanDiscountsOf(text), ...hanNumbersOf(text)]
}

interface Spoken extends Omit<NumberWord, 'value'> {
  /** Up to the last "thousand" or "million". */
  sum: number
  /** What came after it. */
  part: number
}

function finish({ sum, part, isSure, start, end }: Spoken, text: string): NumberWord {
  const half = HALF_MORE.exec(text.slice(end, end + 12))?.[0] ?? ''
  return { value: sum + part + (half ? 0.5 : 0), isSure: isSure || half !== '', start, end: end + half.length }
}

/** Whether the word goes on with the number: "eight and ten" are two, "a hundred and ten" is one. */
function joins({ sum, part }: Spoken, value: number, between: string): boolean {
  if (!BETWEEN.test(between)) return false
  const isHundreds = part % 100 === 0 && part + sum > 0
  if (/and/i.test(between)) return isHundreds && value < 100
  if (value >= 1000) return part > 0
  if (value === 100) return part > 0 && part < 100
  if (value > 100) return part === 0 && sum > 0
  if (between === ' ' && value === 1) return false
  if (isHundreds) return true
  if (between === '-' && part === 4) return value === 20
  const isFrenchTens = part % 100 === 60 || part % 100 === 80
  if (between === '-' && (part === 10 || isFrenchTens)) return value < 20
  return part % 10 === 0 && part % 100 >= 20 && value < (isFrenchTens ? 20 : 10)
}

const HAN_DIGITS = '〇一二三四五六七八九'
const HAN_SCALES: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1000, 万: 1e4, 亿: 1e8 }
const HAN_RUN = /(?<![星期周第\d.])[〇零一二两三四五六七八九十百千万亿]+/gu
/** What is counted or measured: behind others, a single sign is a part of a word as often as a number. */
const HAN_MEASURE = /^(?:个|天|年|月|日|位|次|种|本|册|名|人|小时|分|秒|周|岁|倍|米|公|元|块|条|张|台|层|家|项|页|点)/u

/** 七折 is seven tenths of the price, 九五折 95 hundredths. */
const HAN_DISCOUNT = /([一二三四五六七八九])([一二三四五六七八九])?折/gu

function hanDiscountsOf(text: string): NumberWord[] {
  return [...text.matchAll(HAN_DISCOUNT)].map(({ 0: found, 1: tenths, 2: hundredths, index: start }) => {
    const value = Number(`0.${hanDigit(tenths!)}${hundredths === undefined ? '' : hanDigit(hundredths)}`)
    return { value, isSure: false, start, end: start + found.length }
  })
}

function hanNumbersOf(text: string): NumberWord[] {
  return [...text.matchAll(HAN_RUN)].map(({ 0: run, index: start }) => {
    const end = start + run.length
    // 两项都: both.
    const isBoth = run === '两' && /^[项者个种样家](?:都|均)/u.test(text.slice(end, end + 2))
    const isShare = /^分[点之比]/u.test(text.slice(end, end + 2))
    const isMeasured = HAN_MEASURE.test(text.slice(end, end + 2))
    return { value: readHan(run), isSure: run !== '一' && isMeasured && !isBoth && !isShare, start, end }
  })
}

function readHan(run: string): number {
  if (!/[十百千万亿]/u.test(run)) return Number([...run].map((sign) => hanDigit(sign)).join(''))
  let total = 0
  let section = 0
  let digit: number | undefined
  for (const sign of run) {
    const scale = HAN_SCALES[sign]
    if (scale === undefined) digit = hanDigit(sign)
    else if (scale < 1e4) {
      section += (digit ?? 1) * scale
      digit = undefined
    } else {
      total += (section + (digit ?? 0) || 1) * scale
      section = 0
      digit = undefined
    }
  }
  return total + section + (digit ?? 0)
}

function hanDigit(sign: string): number {
  return sign === '两' ? 2 : Math.max(0, HAN_DIGITS.indexOf(sign))
}
