/**
 * Tests in a file, one JSON object a line:
 *
 *     {"question": "When does it open?", "document": "handbook.pdf", "passage": "opens at nine", "mustContain": ["nine"]}
 *     {"question": "Who won the cup?", "mustRefuse": true}
 *
 * Everything but the question may be left out. What `GET /api/tests` answers for a test is such an object: fields that are of no
 * use here are passed over.
 */
import { KnowBotError } from '../errors.ts'
import type { Expectation } from './verdict.ts'

/** Throws `bad_request` with the line. */
export function parseTests(text: string): Expectation[] {
  return text.split(/\r?\n/).flatMap((line, index) => (line.trim() === '' ? [] : [parseTest(line, index + 1)]))
}

function parseTest(line: string, number: number): Expectation {
  const refuse = (what: string) => new KnowBotError('bad_request', `Line ${number}: ${what}`)
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('expected a JSON object such as {"question": "…"}.')
  const { question, document, passage, mustContain, mustRefuse } = value as Record<string, unknown>
  if (typeof question !== 'string' || question.trim() === '') throw refuse('expected a "question" with some words.')
  for (const [name, text] of Object.entries({ document, passage }))
    if (!isNothing(text) && typeof text !== 'string') throw refuse(`expected "${name}" to be text.`)
  if (!isNothing(mustContain) && !(Array.isArray(mustContain) && mustContain.every((one) => typeof one === 'string')))
    throw refuse('expected "mustContain" to be a list of texts.')
  if (!isNothing(mustRefuse) && typeof mustRefuse !== 'boolean')
    throw refuse('expected "mustRefuse" to be true or false.')
  return {
    question,
    document: (document as string | null) ?? undefined,
    passage: (passage as string | null) ?? undefined,
    mustContain: (mustContain as string[] | null) ?? undefined,
    mustRefuse: (mustRefuse as boolean | null) ?? undefined,
  }
}

function isNothing(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
