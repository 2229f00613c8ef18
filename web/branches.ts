/**
 * The ways through a chat. Who asks a question anew begins a branch: the old question stays with what followed it, and the new
 * one takes its place. Each question may have several answers. Of all that, one path is shown; it follows the newest unless
 * another was chosen.
 *
 *   beginning ─┬─ question 1 ── question 2            ‹ 1/2 ›
 *              └─ question 1, asked anew ── question 3  ‹ 2/2 ›
 */
export interface Said {
  /** Of the answer, unique in this window. */
  readonly key: number
  /** Of the question; null until the server has it. */
  readonly questionId: string | null
  /** The question whose place it takes. */
  readonly editOf: string | null
}

export interface Place<T> {
  /** The answer that is shown. */
  readonly shown: T
  /** Every answer to the question, oldest first. */
  readonly answers: readonly T[]
  /** Questions that stand at this place, oldest first, as `Turn` ids; which of them is shown. */
  readonly questions: readonly string[]
  readonly questionIndex: number
  /** What `chosen` names to show another question here, and another answer. */
  readonly placeId: string
  readonly turnId: string
}

/** Of a place the turn that was chosen, of a turn the key of the answer. */
export type Chosen = ReadonlyMap<string, string | number>

interface Turn<T> {
  readonly id: string
  readonly editOf: string | null
  readonly answers: T[]
}

const BEGINNING = 'beginning'

/** `said` in the order in which it was asked. */
export function pathOf<T extends Said>(said: readonly T[], chosen: Chosen): Place<T>[] {
  const next = followers(turnsOf(said))
  const path: Place<T>[] = []
  for (let placeId = BEGINNING; ; ) {
    const turns = next.get(placeId)
    if (turns === undefined) return path
    const wanted = turns.findIndex(({ id }) => id === chosen.get(placeId))
    const questionIndex = wanted < 0 ? turns.length - 1 : wanted
    const { id, answers } = turns[questionIndex]!
    const shown = answers.find(({ key }) => key === chosen.get(id)) ?? answers.at(-1)!
    path.push({ shown, answers, questions: turns.map((turn) => turn.id), questionIndex, placeId, turnId: id })
    placeId = id
  }
}

/** Whether what is asked next follows what is shown. */
export function isNewest(path: readonly Place<unknown>[]): boolean {
  return path.every(({ questions, questionIndex }) => questionIndex === questions.length - 1)
}

function turnsOf<T extends Said>(said: readonly T[]): Turn<T>[] {
  const turns = new Map<string, Turn<T>>()
  for (const one of said) {
    const id = one.questionId ?? `new-${one.key}`
    const turn = turns.get(id) ?? { id, editOf: one.editOf, answers: [] }
    turn.answers.push(one)
    turns.set(id, turn)
  }
  return [...turns.values()]
}

/** What may follow each turn. One asked anew stands where the old one does; of an old one that is not loaded, at the beginning. */
function followers<T>(turns: readonly Turn<T>[]): Map<string, Turn<T>[]> {
  const next = new Map<string, Turn<T>[]>()
  const places = new Map<string, string>()
  let last = BEGINNING
  for (const turn of turns) {
    const place = turn.editOf === null ? last : (places.get(turn.editOf) ?? BEGINNING)
    places.set(turn.id, place)
    next.set(place, [...(next.get(place) ?? []), turn])
    last = turn.id
  }
  return next
}
