/**
 * Answers to KnowBot's own prompts, from folders as tests/fixtures/answers/asked: beside each paper `NAME.LANGUAGE.asked.txt`, where
 *
 *     ? a question
 *     < PAPER START-END        each source that was offered, in order: characters of a paper in the same folder
 *     the answer as it was written, with its markers
 */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { TestContext } from 'node:test'
import { type CheckedSource, findUnsupported } from '../../src/chat/check.ts'
import type { Range } from '../../src/chat/locate.ts'
import { statementsOf } from '../../src/chat/statements.ts'
import { ANSWERS_FOLDER } from './answer-sets.ts'
import { changesOf, type Language, type MutationKind, withMarkers } from './mutations.ts'

export interface Asked {
  paper: string
  language: Language
  question: string
  sources: CheckedSource[]
  answer: string
}

export interface AskedSet {
  name: string
  answers: Asked[]
}

/** All that were looked at while the check was written, and the last, of which only the counts were. */
export const STUDIED_SETS = ['asked', 'asked-2', 'asked-3', 'asked-4'] as const
export const BLIND_SETS = ['asked-blind'] as const

export function readAskedSets(names: readonly string[]): AskedSet[] {
  return names.map((name) => readAskedSet(join(ANSWERS_FOLDER, name)))
}

export function readAskedSet(folder: string): AskedSet {
  const texts = new Map(
    globSync('*.txt', { cwd: folder }).map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const),
  )
  const answers = [...texts]
    .filter(([file]) => file.endsWith('.asked.txt'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, text]) => {
      const paper = file.replace('.asked.txt', '')
      return text
        .split(/^(?=\? )/m)
        .filter((block) => block !== '')
        .map((block) => ({ paper, language: paper.split('.')[1] as Language, ...readBlock(block, texts) }))
    })
  return { name: basename(folder), answers }
}

function readBlock(block: string, texts: ReadonlyMap<string, string>): Pick<Asked, 'question' | 'sources' | 'answer'> {
  const [question = '', ...lines] = block.trimEnd().split('\n')
  const offered = lines.filter((line) => line.startsWith('< '))
  const sources = offered.map((line, index) => {
    const [, paper, start, end] = /^< (\S+) (\d+)-(\d+)$/.exec(line)!
    const name = `${paper}.txt`
    return { n: index + 1, name, heading: '', text: texts.get(name)!.slice(Number(start), Number(end)) }
  })
  return { question: question.slice(2), sources, answer: lines.slice(offered.length).join('\n').trim() }
}

/** An answer with one statement changed, and where that stands. */
export interface Changed {
  kind: MutationKind
  answer: string
  at: Range
}

/** Every statement that names a source, changed in every way, the rest of the answer as it was. */
export function changesIn({ answer, sources, language }: Asked): Changed[] {
  return statementsOf(answer)
    .filter(({ numbers }) => numbers.length > 0)
    .flatMap(({ start, end, text, numbers }) => {
      const cited = sources.filter(({ n }) => numbers.includes(n))
      const names = new Set(cited.map(({ name }) => name))
      const other = sources.find(({ name }) => !names.has(name))
      // The number of an item in a list says nothing.
      const sign = /^\s*(?:[-*•]|\d{1,2}[.)])\s+/.exec(text)?.[0] ?? ''
      const changes = changesOf(text.slice(sign.length), cited.map((source) => source.text).join('\n'), language)
      // A marker behind the full stop belongs to the statement, and stands outside of it.
      const rest = answer.slice(end).replace(/^(?:\s*\[\d+\])+/, '')
      return [
        ...changes.map((change) => ({ ...change, text: sign + change.text, numbers })),
        ...(other ? [{ kind: 'source' as const, text, numbers: [other.n] }] : []),
      ].map((change) => {
        const changed = withMarkers(change.text, change.numbers)
        const at = { start, end: start + changed.length }
        return { kind: change.kind, answer: answer.slice(0, start) + changed + rest, at }
      })
    })
}

/** How many of all changed statements are marked, by what was changed. */
export async function countCaught(
  sets: readonly AskedSet[],
): Promise<Map<MutationKind, { marked: number; count: number }>> {
  const caught = new Map<MutationKind, { marked: number; count: number }>()
  for (const asked of sets.flatMap(({ answers }) => answers)) {
    for (const { kind, answer, at } of changesIn(asked)) {
      const tally = caught.get(kind) ?? { marked: 0, count: 0 }
      caught.set(kind, tally)
      tally.count += 1
      const ranges = await findUnsupported(answer, asked.sources, asked.question)
      if (ranges.some(({ start, end }) => start < at.end && at.start < end)) tally.marked += 1
    }
  }
  return caught
}

/** What is demanded of changed figures and dates; of the others, where we stand. */
const CAUGHT_MIN: readonly (readonly [MutationKind, number])[] = [
  ['figure', 0.95],
  // 78 of 83 in the last set, 348 of 360 in those before: together with the figures, 95 %.
  ['date', 0.93],
  ['source', 0.93],
  ['negation', 0.58],
]

/** Prints the shares, and fails below what is promised. */
export async function assertCaught(t: TestContext, sets: readonly AskedSet[]): Promise<void> {
  const caught = await countCaught(sets)
  for (const [kind, shareMin] of CAUGHT_MIN) {
    const { marked, count } = caught.get(kind)!
    tellShare(t, kind, marked, count)
    assert.ok(marked / count >= shareMin, `${kind}: only ${marked} of ${count} are marked`)
  }
  const [figures, dates] = [caught.get('figure')!, caught.get('date')!]
  assert.ok((figures.marked + dates.marked) / (figures.count + dates.count) >= 0.95)
}

export function tellShare(t: TestContext, what: string, marked: number, count: number): void {
  t.diagnostic(`${what}: ${((100 * marked) / count).toFixed(1)} % of ${count} marked`)
}
