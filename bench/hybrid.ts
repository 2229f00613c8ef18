/**
 * Words alone against words and vectors, on the question sets that lie beside the project.
 *
 *     node bench/hybrid.ts [SET…]                recall, quotes and refusals of both, and whether the bars are met
 *     node bench/hybrid.ts --dimension 256 …     with vectors of another size; 128 unless said otherwise
 *
 * The vectors come over HTTP from a server that makes them from the documents themselves, by latent semantic analysis
 * (tests/support/latent-semantics.ts): it knows nothing that the documents do not say, so that it is weaker than any model for
 * sale. The bars: better on `faq`, whose questions are paraphrases; nowhere else more than one point below the words alone.
 */
import { parseArgs } from 'node:util'
import { openEmbedders } from '../src/inference.ts'
import { evaluate, type Scores } from '../src/search.ts'
import { openEmbeddingDouble } from '../tests/support/embedding-double.ts'
import { learn } from '../tests/support/latent-semantics.ts'
import { indexDocuments, type QuestionSet, readSet, setNames } from './support/question-sets.ts'

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { dimension: { type: 'string', default: '128' } },
})
const PARAPHRASES = 'faq'
const LOSS_MAX = 1
const FIGURES = ['recall1', 'recall5', 'mrr10', 'answerHit1'] as const

const names = positionals.length > 0 ? positionals : setNames()
if (names.length === 0) print('There are no question sets beside the project: nothing was measured.')
else await measureAll()

async function measureAll(): Promise<void> {
  const columns = ['set', 'passages', 'found by', 'r@1', 'r@5', 'MRR', 'hit@1', 'answered', 'refused', 'ms p50', 'p95']
  print(row(columns))
  print(row(columns.map(() => '---')))
  const verdicts: string[] = []
  for (const name of names) verdicts.push(await measure(readSet(name)))
  for (const verdict of verdicts) print(verdict)
  if (verdicts.some((verdict) => verdict.startsWith('FAIL'))) process.exitCode = 1
}

async function measure({ name, documents, questions }: QuestionSet): Promise<string> {
  await using double = await openEmbeddingDouble({})
  const embedders = openEmbedders({ provider: 'openai-compatible', model: 'latent', url: double.url })
  await using corpus = await indexDocuments(documents, 0, embedders)
  const { search, storage, passages } = corpus
  const byWords = await timed(documents, questions, corpus)
  print(row([name, String(passages), 'words', ...printScores(byWords)]))

  const texts = storage.database
    .all<{ title: string; heading: string; text: string }>(
      `SELECT coalesce(readings.title, '') AS title, heading, text FROM passages
       JOIN readings ON readings.id = passages.reading_id`,
    )
    .map(({ title, heading, text }) => `${title}\n${heading}\n${text}`)
  double.models.set('latent', learn(texts, Number(flags.dimension)).embed)
  await storage.database.write((tx) => {
    search.vectors.plan(tx)
    // As reading a document leaves it.
    tx.run('UPDATE documents SET passages = (SELECT count(*) FROM passages WHERE reading_id = documents.reading_id)')
  })
  const { signal } = new AbortController()
  const commit = storage.database.write.bind(storage.database)
  await search.vectors.embed({ commit, shouldStop: () => false, signal })
  const { generations } = search.vectors.status()
  if (generations[0]?.state !== 'active') throw new Error(`Expected vectors, got ${JSON.stringify(generations)}`)

  const byBoth = await timed(documents, questions, corpus)
  print(row(['', '', 'words and vectors', ...printScores(byBoth)]))
  return judge(name, byWords.scores, byBoth.scores)
}

interface Timed {
  scores: Scores
  /** Ascending, milliseconds. */
  times: number[]
}

async function timed(
  documents: QuestionSet['documents'],
  questions: QuestionSet['questions'],
  { answering }: Awaited<ReturnType<typeof indexDocuments>>,
): Promise<Timed> {
  const times: number[] = []
  const scores = await evaluate(documents, questions, {
    ...answering,
    async search(question) {
      const startedAt = performance.now()
      const results = await answering.search(question)
      times.push(performance.now() - startedAt)
      return results
    },
  })
  return { scores, times: times.toSorted((a, b) => a - b) }
}

function judge(name: string, words: Scores, both: Scores): string {
  const gains = FIGURES.map((figure) => ({ figure, gain: (both[figure] ?? 0) - (words[figure] ?? 0) }))
  const told = gains.map(({ figure, gain }) => `${figure} ${gain >= 0 ? '+' : ''}${gain.toFixed(1)}`).join(', ')
  const isMet =
    gains.every(({ gain }) => gain >= -LOSS_MAX) &&
    (name !== PARAPHRASES || gains.reduce((sum, { gain }) => sum + gain, 0) > 0)
  const bar = name === PARAPHRASES ? 'better, and no figure' : 'no figure'
  return `${isMet ? 'pass' : 'FAIL'} ${name}: ${bar} more than ${LOSS_MAX} point below the words alone (${told})`
}

function printScores({ scores, times }: Timed): string[] {
  const figures = [...FIGURES, 'answered' as const].map((figure) => scores[figure]?.toFixed(1) ?? '–')
  const refused = Object.entries(scores.refused).map(([type, share]) => `${type} ${share}`)
  const at = (share: number) => (times[Math.floor(share * times.length)] ?? Number.NaN).toFixed(1)
  return [...figures, refused.join(', ') || '–', at(0.5), at(0.95)]
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
