/**
 * The check of an answer against its sources, without a model and in milliseconds: a statement is unsupported when no place in
 * its sources is like it, or when a figure, date, name or negation in it is not in that place. It is marked, not hidden.
 * What words alone cannot tell (a paraphrase that turns the meaning) is not found: we say "quote verified", never "true".
 */
import { once } from '../lib/once.ts'
import { calculationsIn } from './calculations.ts'
import type { AnswerRange, Source } from './events.ts'
import type { Fact } from './fact.ts'
import { type Evidence, hasOtherDenial, hasOtherName, measureFacts } from './facts.ts'
import { type Language, languageOf } from './languages.ts'
import { locate, type ReadText, readText } from './locate.ts'
import { isAboutSources, isBrief, isHead, withoutRemarks } from './remarks.ts'
import { isBorneOut, type Standing } from './standings.ts'
import { type Statement, statementsOf } from './statements.ts'
import { factsOf, type Surrounded, surroundingsOf } from './surroundings.ts'

export type CheckedSource = Pick<Source, 'n' | 'name' | 'text'> & { heading: string }

/** Share of a statement that its sources must have. Set by tests/fixtures/answers: the faithful ones there have more. */
export const COVER_MIN = 0.25

/** Longer answers and sentences are not for reading; what is beyond is not compared. */
const ANSWER_LENGTH_MAX = 20_000
const STATEMENT_LENGTH_MAX = 1000
/** Others may go first after so long. One statement takes 1 to 2 ms for each of its sources. */
const SLICE_MS = 5

/** What is found of a statement. */
export interface Judgement extends AnswerRange {
  /** Whatever its figures are: a name or a denial is another's, or its sources share too little with it. */
  isUnsupported: boolean
  /** Of its figures and dates. */
  standings: readonly Standing[]
}

/** Ranges of the answer that no source bears out. */
export async function findUnsupported(
  answer: string,
  sources: readonly CheckedSource[],
  question: string,
): Promise<AnswerRange[]> {
  return (await judge(answer, sources, question))
    .filter(({ isUnsupported, standings }) => isUnsupported || !standings.every(isBorneOut))
    .map(({ start, end }) => ({ start, end }))
}

/** Statement by statement, in order; others may go first between them. */
export async function judge(answer: string, sources: readonly CheckedSource[], question: string): Promise<Judgement[]> {
  const statements = statementsOf(answer.slice(0, ANSWER_LENGTH_MAX))
  const worked = statements.flatMap(({ text }) =>
    calculationsIn(text, factsOf).flatMap(({ comesOut, results }) => (comesOut ? results : [])),
  )
  const language = languageOf(answer)
  const languages = new Map<string, Language | undefined>()
  const isForeign = ({ name }: CheckedSource) => {
    if (language === undefined) return false
    if (!languages.has(name)) languages.set(name, languageOf(textOfDocument(name, sources)))
    const other = languages.get(name)
    return other !== undefined && other !== language
  }
  // What a sentence without a marker sums up is looked at where it has one.
  const told = () => statements.filter(({ numbers }) => numbers.length > 0).flatMap(({ text }) => factsOf(text))
  const judgements: Judgement[] = []
  let sliceEndsAt = performance.now() + SLICE_MS
  for (const [index, statement] of statements.entries()) {
    const numbers = citedBy(statements, index, answer)
    const { start, end } = statement
    const isMarked = statement.numbers.length > 0
    const offered = { sources, question, isForeign, worked: isMarked ? worked : [...worked, ...told()] }
    judgements.push({ start, end, ...judgeStatement(statement, numbers, offered) })
    if (performance.now() < sliceEndsAt) continue
    await new Promise((resolve) => setImmediate(resolve))
    sliceEndsAt = performance.now() + SLICE_MS
  }
  return judgements
}

interface ReadSource extends ReadText {
  surrounded: () => readonly Surrounded[]
}

/** Once for all statements, and for all checks of one answer. */
const readSources = new WeakMap<CheckedSource, ReadSource>()

function read(source: CheckedSource): ReadSource {
  const known = readSources.get(source) ?? {
    ...readText(source.text),
    surrounded: once(() => surroundingsOf(source.text)),
  }
  readSources.set(source, known)
  return known
}

interface Offered {
  sources: readonly CheckedSource[]
  question: string
  /** Whether it is in another language than the answer, so that only figures can be compared. */
  isForeign: (source: CheckedSource) => boolean
  /** Figures that the answer has worked out before our eyes. */
  worked: readonly Fact[]
}

type Finding = Omit<Judgement, 'start' | 'end'>
const NOTHING_TO_LOOK_UP: Finding = { isUnsupported: false, standings: [] }

function judgeStatement(statement: Statement, numbers: readonly number[], offered: Offered): Finding {
  const { sources, question, isForeign, worked } = offered
  const text = withoutRemarks(withoutListSign(statement.text).slice(0, STATEMENT_LENGTH_MAX))
  // What names no source itself may be a word of the model's own: "Yes.", "In short, it is open."
  const hasMarker = statement.numbers.length > 0
  const isRemark = isHead(text) || isAboutSources(text, hasMarker)
  if (isBrief(text) || (isRemark && !hasMarker)) return NOTHING_TO_LOOK_UP
  const calculations = calculationsIn(text, factsOf)
  const cited = numbers.length > 0 ? sources.filter(({ n }) => numbers.includes(n)) : sources
  const names = new Set(cited.map(({ name }) => name))
  const located = cited.map((source) => ({
    ...{ text: source.text, facts: read(source).surrounded() },
    ...locate(text, read(source)),
  }))
  const evidence: Evidence = {
    passages: located,
    about: cited.map(({ name, heading }) => `${name}\n${heading}`).join('\n'),
    question,
    around: [question, ...sources.filter(({ name }) => names.has(name)).map((source) => source.text)].join('\n'),
    worked,
    offered: () => sources.flatMap((source) => read(source).surrounded()).map(({ fact }) => fact),
  }
  // "They differ in four points:" counts what follows.
  const isCountingWord = ({ fact }: Standing) =>
    fact.kind === 'figure' && !/\p{N}/u.test(text.slice(fact.start, fact.end))
  const standings = measureFacts(text, evidence).filter((standing) => !(isRemark && isCountingWord(standing)))
  const isMiscalculated = calculations.some(({ comesOut }) => !comesOut)
  if (cited.some(isForeign)) {
    const isElsewhere = hasMarker && !isRemark && isSaidElsewhere(text, cited, offered)
    // Of two languages only the figures can be compared, and whether they are there.
    const missing = standings.filter(({ standing }) => standing === 'nowhere')
    return { isUnsupported: isMiscalculated || isElsewhere, standings: missing }
  }
  const isCovered = !hasMarker || isRemark || calculations.length > 0 || coverOf(located) >= COVER_MIN
  const isOther =
    hasOtherName(text, evidence) || (!isRemark && calculations.length === 0 && hasOtherDenial(text, evidence))
  return { isUnsupported: isMiscalculated || isOther || !isCovered, standings }
}

/** A table alone has no language. */
function textOfDocument(name: string, sources: readonly CheckedSource[]): string {
  return sources.flatMap((source) => (source.name === name ? source.text : [])).join('\n')
}

/** Whether a source that is not cited says it in the answer's own language: then the marker names the wrong one. */
function isSaidElsewhere(text: string, cited: readonly CheckedSource[], { sources, isForeign }: Offered): boolean {
  return sources.some(
    (source) => !cited.includes(source) && !isForeign(source) && locate(text, read(source)).cover >= SAID_COVER_MIN,
  )
}

/** So much of it is no chance among a handful of passages. */
const SAID_COVER_MIN = 0.3

function coverOf(located: readonly { cover: number }[]): number {
  return located.reduce((sum, { cover }) => sum + cover, 0)
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
