/** The height of most letters, from connected components of ink in a few slices of the page. */

/** Pixels. Smaller is dust, larger are pictures. */
const HEIGHT_MIN = 6
const HEIGHT_MAX = 160
/** Fewer letters than this are no text to go by. */
const LETTERS_MIN = 30

export const letterHeight = { collect, mode }

/** Adds the heights of the components in these rows to a histogram, each weighted by its square. */
function collect(rows: Uint8Array, width: number, height: number, into: Float64Array): void {
  const threshold = otsu(rows)
  if (threshold === undefined) return
  let dark = 0
  for (const value of rows) if (value <= threshold) dark++
  const inkIsDark = dark * 2 <= rows.length
  const components = new Components()
  let previous: Run[] = []
  for (let y = 0; y < height; y++) {
    const runs = findRuns(rows.subarray(y * width, (y + 1) * width), threshold, inkIsDark)
    connect(runs, previous, components, y)
    previous = runs
  }
  for (const { top, bottom } of components.boxes()) {
    const letter = bottom - top + 1
    // What touches the cut of the slice is not whole.
    if (top > 0 && bottom < height - 1 && letter >= HEIGHT_MIN && letter <= HEIGHT_MAX) into[letter]! += letter * letter
  }
}

function mode(heights: Float64Array): number | undefined {
  let letters = 0
  let best = 0
  for (let height = HEIGHT_MIN; height <= HEIGHT_MAX; height++) {
    letters += heights[height]! / (height * height)
    if (heights[height]! > heights[best]!) best = height
  }
  return letters < LETTERS_MIN ? undefined : best
}

interface Run {
  from: number
  to: number
  label: number
}

function findRuns(row: Uint8Array, threshold: number, inkIsDark: boolean): Run[] {
  const runs: Run[] = []
  let from = -1
  for (let x = 0; x <= row.length; x++) {
    const isInk = x < row.length && row[x]! <= threshold === inkIsDark
    if (isInk && from === -1) from = x
    else if (!isInk && from !== -1) {
      runs.push({ from, to: x - 1, label: -1 })
      from = -1
    }
  }
  return runs
}

/** Joins each run with those above that it touches, corners included. */
function connect(runs: Run[], above: readonly Run[], components: Components, y: number): void {
  let first = 0
  for (const run of runs) {
    while (first < above.length && above[first]!.to < run.from - 1) first++
    for (let index = first; index < above.length && above[index]!.from <= run.to + 1; index++) {
      run.label =
        run.label === -1 ? components.extend(above[index]!.label, y) : components.join(run.label, above[index]!.label)
    }
    if (run.label === -1) run.label = components.start(y)
  }
}

class Components {
  readonly #parents: number[] = []
  readonly #tops: number[] = []
  readonly #bottoms: number[] = []

  start(y: number): number {
    this.#tops.push(y)
    this.#bottoms.push(y)
    return this.#parents.push(this.#parents.length) - 1
  }

  extend(label: number, y: number): number {
    const root = this.#find(label)
    this.#bottoms[root] = y
    return root
  }

  join(one: number, other: number): number {
    const [a, b] = [this.#find(one), this.#find(other)]
    if (a === b) return a
    this.#parents[b] = a
    this.#tops[a] = Math.min(this.#tops[a]!, this.#tops[b]!)
    this.#bottoms[a] = Math.max(this.#bottoms[a]!, this.#bottoms[b]!)
    return a
  }

  *boxes(): Iterable<{ top: number; bottom: number }> {
    for (const [label, parent] of this.#parents.entries()) {
      if (label === parent) yield { top: this.#tops[label]!, bottom: this.#bottoms[label]! }
    }
  }

  #find(label: number): number {
    let root = label
    while (this.#parents[root] !== root) root = this.#parents[root]!
    this.#parents[label] = root
    return root
  }
}

/** The threshold that divides the values best in two (Otsu 1979); undefined where there are not two. */
function otsu(rows: Uint8Array): number | undefined {
  const histogram = new Uint32Array(256)
  for (const value of rows) histogram[value]!++
  const sum = histogram.reduce((all, count, value) => all + count * value, 0)
  let [below, sumBelow, best, bestBetween] = [0, 0, 0, 0]
  for (let value = 0; value < 255; value++) {
    below += histogram[value]!
    sumBelow += histogram[value]! * value
    const above = rows.length - below
    if (below === 0 || above === 0) continue
    const between = below * above * (sumBelow / below - (sum - sumBelow) / above) ** 2
    if (between > bestBetween) [best, bestBetween] = [value, between]
  }
  return bestBetween === 0 ? undefined : best
}
