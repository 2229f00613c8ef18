/** The papers in `samples/`, and what docs/samples.md promises of its questions. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const SAMPLES = join(import.meta.dirname, '../../samples')

export function sampleFiles(): { name: string; bytes: Buffer }[] {
  return readdirSync(SAMPLES).map((name) => ({ name, bytes: readFileSync(join(SAMPLES, name)) }))
}

/** `answer` is `not found` where none of the papers has one. */
export function sampleQuestions(): { question: string; answer: string; file: string }[] {
  const [, section] = readFileSync(join(SAMPLES, '../docs/samples.md'), 'utf8').split('## Questions to try')
  const rows = [...section!.matchAll(/^\| ([^|]+) \| ([^|]+) \| ([^|]*)\|$/gm)].slice(1)
  return rows
    .map(([, question, answer, file]) => ({ question: question!, answer: answer!, file: file!.trim() }))
    .filter(({ question }) => !question.startsWith('---'))
}
