/** Numbers, dates, lists and plurals, as a language writes them. */

/** One form for each plural category that the language has; `other` always. */
export type PluralForms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

export interface Formats {
  number(value: number): string
  /** 0 to 100. */
  percent(value: number): string
  /** The form for a number, with the number in the place of `#`. */
  count(value: number, forms: PluralForms): string
  /** The form for a number, without the number. */
  form(value: number, forms: PluralForms): string
  list(names: readonly string[]): string
  when(date: Date): string
  /** Milliseconds below a second, else seconds with one decimal. */
  tookMs(ms: number): string
  megabytes(bytes: number): string
}

export function formatsOf(language: string): Formats {
  const locale = localeOf(language)
  const number = new Intl.NumberFormat(locale)
  const percent = new Intl.NumberFormat(locale, { style: 'percent' })
  const megabytes = new Intl.NumberFormat(locale, { style: 'unit', unit: 'megabyte', maximumFractionDigits: 0 })
  const milliseconds = new Intl.NumberFormat(locale, { style: 'unit', unit: 'millisecond', maximumFractionDigits: 0 })
  const seconds = new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: 'second',
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  })
  const when = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const list = new Intl.ListFormat(locale, { type: 'conjunction' })
  const plurals = new Intl.PluralRules(locale)
  const form = (value: number, forms: PluralForms) => forms[plurals.select(value)] ?? forms.other
  return {
    number: (value) => number.format(value),
    percent: (value) => percent.format(value / 100),
    count: (value, forms) => form(value, forms).replace('#', number.format(value)),
    form,
    list: (names) => list.format(names),
    when: (date) => when.format(date),
    tookMs: (ms) => (ms < 1000 ? milliseconds.format(ms) : seconds.format(ms / 1000)),
    megabytes: (bytes) => megabytes.format(bytes / 1e6),
  }
}

/** With the region of the browser where it speaks the language: days and months stand in another order elsewhere. */
function localeOf(language: string): string {
  return navigator.languages?.find((tag) => tag.split('-')[0] === language) ?? language
}
