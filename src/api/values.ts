/** What many answers are made of. */
import * as v from 'valibot'

export const id = v.pipe(v.string(), v.uuid())
export const time = v.pipe(v.string(), v.isoTimestamp())
export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
export const pageNumber = v.pipe(v.number(), v.integer(), v.minValue(1))
export const fraction = v.pipe(v.number(), v.minValue(0), v.maxValue(1))
export const role = v.picklist(['administrator', 'member'])

/** Why something failed. */
export const reason = v.strictObject({ code: v.string(), message: v.string() })

export function listOf<const S extends v.GenericSchema>(item: S) {
  return v.strictObject({
    items: v.array(item),
    nextCursor: v.pipe(v.nullable(v.string()), v.description('Null on the last page.')),
  })
}
