/** How sure it is that the documents hold an answer: 0 to 1, on one scale. */

/** Below this, nothing in the documents is about it. */
export const NOT_FOUND_BELOW = 0.5
/** The share of a perfect passage's score at which both sides are equally likely. */
const EVEN_SHARE = 0.65

/** `score` of the best passage against `total`, the weight of the whole question. */
export function confidenceOf(score: number, total: number): number {
  if (total <= 0 || score <= 0) return 0
  const share = score / total
  return share / (share + EVEN_SHARE)
}
