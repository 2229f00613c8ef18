/**
 * One order out of two: what the words say, and what lies near in meaning. Scores and not ranks: reciprocal ranks (Cormack et al.,
 * SIGIR 2009) give the weaker of the two half of the say, and the words are the stronger one here, see
 * docs/decisions/0021-words-and-vectors.md. So the vectors add a share of the best passage's score, a larger one where the words
 * are less sure (a convex combination, Bruch et al., TOIS 2023).
 */

export interface WordRanked {
  passageId: number
  score: number
}

export interface FusionInput {
  /** Everything that any of both has found. Without words in common the score is 0. */
  ranked: readonly WordRanked[]
  /** Cosine by passage; who is not here has no vector yet. */
  similarities: ReadonlyMap<number, number>
  /** Of passages beside the nearest: what says nothing. */
  average: number
  /** Of the words, 0 to 1. */
  confidence: number
}

/** How much the nearest passage gains, against the best score of the words. */
const SHARE = 0.2
const SHARE_WHERE_UNSURE = 0.3

/** Nearer than this to the nearest, where no word speaks for a passage: something is always nearest, whatever was asked. */
const NEARNESS_MIN = 0.4

/** The scores of both together, on the scale of the words, by passage; what neither speaks for is left out. */
export function fuse({ ranked, similarities, average, confidence }: FusionInput): Map<number, number> {
  const best = Math.max(0, ...ranked.map(({ score }) => score))
  const nearest = Math.max(...similarities.values())
  const share = SHARE + SHARE_WHERE_UNSURE * (1 - confidence)
  const fused = new Map<number, number>()
  for (const { passageId, score } of ranked) {
    const byWords = best === 0 ? 0 : score / best
    const similarity = similarities.get(passageId)
    // Without a vector it is taken to be as near in meaning as it is in words.
    const byMeaning = similarity === undefined ? byWords : nearness(similarity, { average, nearest })
    if (byWords > 0 || byMeaning >= NEARNESS_MIN) fused.set(passageId, (byWords + share * byMeaning) * (best || 1))
  }
  return fused
}

/** 1 for the nearest, 0 for what is as far as any passage: models differ in how far apart they put things. */
function nearness(similarity: number, { average, nearest }: { average: number; nearest: number }): number {
  return nearest <= average ? 0 : Math.max(0, (similarity - average) / (nearest - average))
}
