/**
 * The check of an answer against its sources, without a model and in milliseconds: a statement is unsupported when no place in
 * its sources is like it, or when a figure, date, name or negation in it is not in that place. It is marked, not hidden.
 * What words alone cannot tell (a paraphrase that turns the meaning) is not found: we say "quote verified", never "true".
 */
import type { AnswerRange, Source } from './events.ts'
import { contradicts, type Evidence } from './facts.ts'
import { locate } from './locate.ts'
import { type Statement, statementsOf } from './statements.ts'
import { type Surrounded, surroundingsOf } from './surroundings.ts'

export type CheckedSource = Pick<Source, 'n' | 'name' | 'text'> & { heading: string }

/** Share of a statement that its sources must have. Set by tests/fixtures/answers: the faithful ones there have more. */
export const COVER_MIN = 0.25

/** Longer answers and sentences are not for reading; what is beyond is not compared. */
const ANSWER_LENGTH_MAX = 20_000
const STATEMENT_LENGTH_MAX = 1000
/** Others may go first after so long. One statement takes about 1 ms for each of its sources. */
const SLICE_MS = 5

/** Ranges of the answer that no source bears out. */
export async function findUnsupported(
  answer: string,
  sources: readonly CheckedSource[],
  question: string,
): Promise<AnswerRange[]> {
  const statements = statementsOf(answer.slice(0, ANSWER_LENGTH_MAX))
  const unsupported: AnswerRange[] = []
  const surroundings = new Map<CheckedSource, readonly Surrounded[]>()
  const factsIn = (source: CheckedSource) => {
    const known = surroundings.get(source) ?? surroundingsOf(source.text)
    surroundings.set(source, known)
    return known
  }
  let sliceEndsAt = performance.now() + SLICE_MS
  for (const [index, statement] of statements.entries()) {
    const numbers = citedBy(statements, index, answer)
    const { start, end } = statement
    if (!isSupported(statement, numbers, { sources, question, factsIn })) unsupported.push({ start, end })
    if (performance.now() < sliceEndsAt) continue
    await new Promise((resolve) => setImmediate(resolve))
    sliceEndsAt = performance.now() + SLICE_MS
  }
  return unsupported
}

interface Offered {
  sources: readonly CheckedSource[]
  question: string
  /** The figures and dates of a source, read once for all statements. */
  factsIn: (source: CheckedSource) => readonly Surrounded[]
}

function isSupported(
  statement: Statement,
  numbers: readonly number[],
  { sources, question, factsIn }: Offered,
): boolean {
  const text = withoutListSign(statement.text).slice(0, STATEMENT_LENGTH_MAX)
  const isCited = numbers.length > 0
  const cited = isCited ? sources.filter(({ n }) => numbers.includes(n)) : sources
  const located = cited.map((source) => ({
    ...{ text: source.text, facts: factsIn(source) },
    ...locate(text, source.text),
  }))
  const evidence: Evidence = {
    passages: located,
    about: cited.map(({ name, heading }) => `${name}\n${heading}`).join('\n'),
    question,
    around: [question, ...cited.map((source) => source.text)].join('\n'),
  }
  if (contradicts(text, evidence)) return false
  // A sentence that names no source may be a word of the model's own: "In short, it is open."
  return !isCited || located.reduce((sum, { cover }) => sum + cover, 0) >= COVER_MIN
}

/** Its own markers, or those at the end of its paragraph: models put them there for all sentences before. */
function citedBy(statements: readonly Statement[], index: number, answer: string): number[] {
  for (let next = index; next < statements.length; next++) {
    const { start, numbers } = statements[next]!
    if (answer.slice(statements[index]!.start, start).includes('\n')) return []
    if (numbers.length > 0) return numbers
  }
  return []
}

function withoutListSign(text: string): string {
  return text.replace(/^\s*(?:[-*•]|\d{1,2}[.)])\s+/, '')
}
