/** The OpenAPI document: complete, the one that is checked in and served, and true in every example. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import * as v from 'valibot'
import { STATUS } from '../../src/app/error-response.ts'
import type { AnswerShape } from '../../src/app/route.ts'
import { ROUTES } from '../../src/app/routes.ts'
import { freshApp } from '../support/app.ts'
import { violations } from '../support/json-schema.ts'

type Schema = Readonly<Record<string, unknown>>
interface Content {
  schema?: Schema
  example?: unknown
}
interface Operation {
  operationId: string
  requestBody?: { content: Record<string, Content> }
  responses: Record<string, { description: string; content?: Record<string, Content> }>
}

const TEXT = readFileSync(join(import.meta.dirname, '../../docs/reference/openapi.json'), 'utf8')
const DOCUMENT = JSON.parse(TEXT) as Schema & { paths: Record<string, Record<string, Operation>> }
const OPERATIONS = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
)

test('the server answers the document that is checked in', async (t) => {
  const app = await freshApp(t)
  const { status, text, headers } = await app.call(undefined, 'GET', '/api/openapi.json')
  assert.deepEqual([status, headers.get('content-type')], [200, 'application/json'])
  assert.equal(text, TEXT)
})

test('every route is in the document, once, under a name of its own', () => {
  assert.deepEqual(
    OPERATIONS.map(({ name }) => name).sort(),
    ROUTES.map(({ method, path }) => `${method} ${path}`).sort(),
  )
  assert.equal(new Set(OPERATIONS.map(({ operation }) => operation.operationId)).size, OPERATIONS.length)
})

for (const { name, operation } of OPERATIONS) {
  test(`${name}: each example is as its schema says`, () => {
    const answers = Object.values(operation.responses).flatMap(({ content = {} }) => Object.entries(content))
    const all = [...Object.entries(operation.requestBody?.content ?? {}), ...answers]
    for (const [mediaType, { schema, example }] of all) {
      if (mediaType === 'application/json') assert.notEqual(example, undefined, `${mediaType} without an example`)
      if (example !== undefined) assert.deepEqual(violations(DOCUMENT, schema!, example), [])
    }
  })
}

test('the checks of the server agree with the document on every example', () => {
  for (const { body, bodyExample, answers } of ROUTES) {
    if (body) v.parse(body, bodyExample)
    for (const { schema, example } of Object.values(answers).flat() as AnswerShape[])
      if (schema) v.parse(schema, example)
  }
})

test('what the checks refuse, the document refuses', () => {
  const search = { $ref: '#/components/schemas/SearchRequest' }
  for (const wrong of [
    null,
    [],
    {},
    { query: '' },
    { query: 'x', limit: 0 },
    { query: 'x', owner: 'me' },
    { query: 1 },
  ])
    assert.notDeepEqual(violations(DOCUMENT, search, wrong), [], JSON.stringify(wrong))
})

test('every code of an error has one status, and documents carry the same codes', () => {
  assert.ok(Object.values(STATUS).every((status) => status >= 400 && status < 600))
})

test('every route says where its limits are', () => {
  for (const { method, path, policy, rate, bodyBytesMax, body, form } of ROUTES) {
    assert.ok(policy.kind && rate, `${method} ${path}`)
    if (form) assert.equal(bodyBytesMax, 'upload-max')
    else if (body) assert.ok((bodyBytesMax as number) > 0 && (bodyBytesMax as number) <= 1024 * 1024)
    else assert.equal(bodyBytesMax, 0)
  }
})
