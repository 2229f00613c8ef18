/**
 * The file of `knowbot eval`: tests, one JSON object a line (`evaluation/test-file.ts`), or a question set, `NAME.questions.jsonl`
 * with its documents in `NAME.docs.jsonl` beside it. Either may be packed (`.gz`).
 */
import { existsSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { KnowBotError } from '../errors.ts'
import { type EvaluationDocument, type EvaluationQuestion, type Expectation, parseTests } from '../knowbot.ts'

export type QuestionFile =
  | { kind: 'tests'; tests: Expectation[] }
  | { kind: 'set'; documents: EvaluationDocument[]; questions: EvaluationQuestion[] }

export function readQuestionFile(path: string): QuestionFile {
  if (!existsSync(path)) throw new KnowBotError('usage', `There is no file ${path}.`)
  const text = readText(path)
  const first = text.slice(0, text.indexOf('\n') >>> 0)
  if (!isOfSet(first)) {
    const tests = parseTests(text)
    if (tests.length === 0) throw new KnowBotError('usage', `Expected questions in ${path}, found none.`)
    return { kind: 'tests', tests }
  }
  const questions = parseLines<EvaluationQuestion>(text)
  return { kind: 'set', questions, documents: parseLines(readText(documentsBeside(path))) }
}

function readText(path: string): string {
  const bytes = readFileSync(path)
  const isPacked = bytes[0] === 0x1f && bytes[1] === 0x8b // RFC 1952 §2.3.1
  return (isPacked ? gunzipSync(bytes) : bytes).toString('utf8')
}

function isOfSet(line: string): boolean {
  try {
    const { answers, type } = JSON.parse(line) as Record<string, unknown>
    return Array.isArray(answers) && typeof type === 'string'
  } catch {
    return false // Whoever reads tests says what is wrong with the line.
  }
}

function documentsBeside(path: string): string {
  const plain = path.replace(/\.questions\.jsonl(\.gz)?$/, '.docs.jsonl')
  const found = [plain, `${plain}.gz`].find((file) => file !== path && existsSync(file))
  if (found) return found
  throw new KnowBotError('usage', `Expected the documents of the question set in ${plain} beside it, found none.`)
}

function parseLines<T>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as T)
}
