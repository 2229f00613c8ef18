/**
 * One order out of two: what the words say, and what lies near in meaning. The words keep their scores. The vectors add a share of the
 * best of these by their reciprocal rank: how far apart a model puts things says little, and which it puts first says much. Where
 * the words are unsure that share is larger; where they are sure it is as large as both agree, so that a model which knows little of these
 * documents says little. Both by reciprocal ranks alone (Cormack et al., SIGIR 2009) would give the weaker of
 * the two half of the say; docs/decisions/0021-words-and-vectors.md has what was measured.
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

/** How much the nearest passage gains, against the best score of the words, where both put the same passages first. */
const SHARE_WHERE_AGREED = 0.15
const SHARE_WHERE_UNSURE = 0.6
/** Of the first ten by words, how many are among the ten nearest: 0.25 to 0.7 on the question sets. */
const AGREED_OF = 10
/** The second nearest gains two thirds of that, the third a half. */
const RANKS_TO_HALF = 2
/** Nearer than this to the nearest, where no word speaks for a passage: something is always nearest, whatever was asked. */
const NEARNESS_MIN = 0.4

/** The scores of both together, on the scale of the words, by passage; what neither speaks for is left out. */
export function fuse({ ranked, similarities, average, confidence }: FusionInput): Map<number, number> {
  const best = Math.max(0, ...ranked.map(({ score }) => score))
  const byNearness = [...similarities].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  const places = new Map(byNearness.map(([passageId], place) => [passageId, place]))
  const share = SHARE_WHERE_AGREED * agreement(ranked, places) + SHARE_WHERE_UNSURE * (1 - confidence)
  const nearest = byNearness[0]?.[1] ?? 0
  const fused = new Map<number, number>()
  for (const { passageId, score } of ranked) {
    const byWords = best === 0 ? 0 : score / best
    const place = places.get(passageId)
    if (byWords === 0 && nearness(similarities.get(passageId) ?? average, { average, nearest }) < NEARNESS_MIN) continue
    // Without a vector it is taken to be as near in meaning as it is in words.
    const byMeaning = place === undefined ? byWords : 1 / (1 + place / RANKS_TO_HALF)
    fused.set(passageId, (byWords + share * byMeaning) * (best || 1))
  }
  return fused
}

/** 0 to 1. */
function agreement(ranked: readonly WordRanked[], places: ReadonlyMap<number, number>): number {
  const first = ranked
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.passageId - b.passageId)
    .slice(0, AGREED_OF)
  const agreed = first.filter(({ passageId }) => (places.get(passageId) ?? AGREED_OF) < AGREED_OF)
  return first.length === 0 ? 0 : agreed.length / first.length
}

/** 1 for the nearest, 0 for what is as far as any passage: models differ in how far apart they put things. */
function nearness(similarity: number, { average, nearest }: { average: number; nearest: number }): number {
  return nearest <= average ? 0 : Math.max(0, (similarity - average) / (nearest - average))
}
