/** A figure, a month or a weekday, and where it stands. */
export interface Fact {
  kind: 'figure' | 'month' | 'weekday'
  /** What it may mean: `1.500` is fifteen hundred or one and a half. */
  values: readonly string[]
  /** What it counts, where that is told: nothing else is borne out by it. */
  measure?: string
  /** False where the words may mean something else: such a fact may bear out another, and is not asked for itself. */
  isSure?: boolean
  start: number
  end: number
}

/** The number of a clause or a step: "clause 12", "11. Add the oil". It counts nothing, and nothing else is borne out by it. */
export const LABEL = 'label'

/** Whether one may stand for the other: a price is no number of days. */
export function isComparable(a: Fact, b: Fact): boolean {
  if (a.kind !== b.kind || (a.measure === LABEL) !== (b.measure === LABEL)) return false
  return a.measure === undefined || b.measure === undefined || a.measure === b.measure
}

export function isSame(a: Fact, b: Fact): boolean {
  if (!isComparable(a, b)) return false
  // Of one measure, in one unit: six days are not six weeks.
  const isInUnit = a.measure !== undefined && a.values.some(hasUnit) && b.values.some(hasUnit)
  return a.values.some((value) => (!isInUnit || hasUnit(value)) && b.values.includes(value))
}

function hasUnit(value: string): boolean {
  return value.includes(' ')
}
