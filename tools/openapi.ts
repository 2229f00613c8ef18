/** The OpenAPI document and the reference pages of HTTP, from the table of routes and the schemas that check requests. */
import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema'
import type * as v from 'valibot'
import * as api from '../src/api.ts'
import { STATUS } from '../src/app/error-response.ts'
import { type AnswerShape, JSON_BODY_BYTES_MAX, type Policy, type Route } from '../src/app/route.ts'
import { ROUTES } from '../src/app/routes.ts'
import { ERROR_MEANINGS, type ErrorCode } from '../src/errors.ts'
import { printBytes } from '../src/lib/units.ts'

type JsonObject = Record<string, unknown>

/** Schemas that get a name of their own. */
const NAMED = Object.fromEntries(
  Object.entries(api).filter(
    ([name, value]) => /^[A-Z][a-z]/.test(name) && !name.endsWith('Query') && Object.hasOwn(Object(value), 'kind'),
  ),
) as Record<string, v.GenericSchema>

const CONVERSION = {
  target: 'draft-2020-12',
  definitions: NAMED,
  // Length in bytes and the like have no word in JSON Schema; the text of the description has.
  errorMode: 'ignore',
  overrideRef: ({ referenceId }: { referenceId: string }) => `#/components/schemas/${referenceId}`,
} as const

export function openApiDocument(): JsonObject {
  return {
    openapi: '3.1.0',
    info: {
      title: 'KnowBot',
      version: '1',
      license: { name: 'MIT', identifier: 'MIT' },
      description:
        'Documents in, cited answers out. Times are ISO 8601 in UTC; start and end count UTF-16 code units; pages count from 1. Lists are newest first. What is not yours is not there.',
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, { session: [] }],
    paths: paths(),
    components: {
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'knowbot',
          description: 'Set by POST /api/session; over https its name is __Host-knowbot.',
        },
      },
      schemas: { ...toJsonSchemaDefs(NAMED, CONVERSION) },
    },
  }
}

function paths(): Record<string, JsonObject> {
  const byPath: Record<string, JsonObject> = {}
  for (const route of ROUTES) {
    byPath[route.path] ??= {}
    byPath[route.path]![route.method.toLowerCase()] = operation(route)
  }
  return byPath
}

function operation(route: Route): JsonObject {
  return {
    operationId: route.name,
    summary: route.sentence,
    description: `${printPolicy(route.policy)}`,
    ...(route.policy.kind === 'public' ? { security: [] } : {}),
    ...parameters(route),
    ...requestBody(route),
    responses: { ...successes(route), ...failures(route) },
  }
}

export function printPolicy(policy: Policy): string {
  switch (policy.kind) {
    case 'public':
      return 'For everybody.'
    case 'administrator':
      return 'For administrators; a key needs the scope `admin`.'
    case 'person':
      return `For who is signed in; a key needs the scopes \`${policy.scope}\` and \`admin\`.`
    case 'signed-in':
      return `For who is signed in; a key needs the scope \`${policy.scope}\`.`
  }
}

function parameters({ path, query, headers = {} }: Route): { parameters?: JsonObject[] } {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: name === 'page' ? { type: 'integer', minimum: 1 } : { type: 'string', format: 'uuid' },
  }))
  // What comes out of the check, because a query is text before it: a limit is a whole number.
  const converted = query ? (toJsonSchema(query, { ...CONVERSION, typeMode: 'output' }) as JsonObject) : {}
  const required = (converted['required'] ?? []) as string[]
  const inQuery = Object.entries((converted['properties'] ?? {}) as Record<string, JsonObject>).map(
    ([name, schema]) => {
      const { description, ...rest } = schema
      return {
        name,
        in: 'query',
        required: required.includes(name),
        ...(description ? { description } : {}),
        schema: rest,
      }
    },
  )
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: false,
    description,
    schema: { type: 'string' },
  }))
  const all = [...inPath, ...inQuery, ...inHeader]
  return all.length > 0 ? { parameters: all } : {}
}

function requestBody({ body, bodyExample, form }: Route): { requestBody?: JsonObject } {
  if (form) {
    const properties = Object.entries(form).map(([name, { description, isFile }]) => [
      name,
      isFile
        ? { type: 'string', contentMediaType: 'application/octet-stream', description }
        : { type: 'string', description },
    ])
    const required = Object.entries(form).flatMap(([name, { isRequired }]) => (isRequired ? [name] : []))
    const schema = { type: 'object', properties: Object.fromEntries(properties), required, additionalProperties: false }
    return { requestBody: { required: true, content: { 'multipart/form-data': { schema } } } }
  }
  if (!body) return {}
  return {
    requestBody: {
      required: true,
      description: `At most ${printBytes(JSON_BODY_BYTES_MAX)}.`,
      content: { 'application/json': { schema: schemaOf(body, 'input'), example: bodyExample } },
    },
  }
}

function successes({ answers }: Route): JsonObject {
  return Object.fromEntries(
    Object.entries(answers).map(([status, shapes]) => {
      const all = (Array.isArray(shapes) ? shapes : [shapes]) as AnswerShape[]
      const content = Object.assign({}, ...all.map(contentOf))
      const description = all.map((shape) => shape.description).join(' ')
      return [status, { description, ...(Object.keys(content).length > 0 ? { content } : {}) }]
    }),
  )
}

function contentOf({ schema, mediaType, example, events }: AnswerShape): JsonObject {
  if (events) {
    const told = Object.entries(events).map(([event, data]) => ({
      type: 'object',
      properties: { event: { const: event }, data: schemaOf(data, 'output') },
      required: ['event', 'data'],
    }))
    // OpenAPI 3.1 has no word for the events of a stream: each is described as an object of its name and its data.
    return { 'text/event-stream': { schema: { type: 'string' }, 'x-events': { oneOf: told } } }
  }
  if (schema) return { [mediaType ?? 'application/json']: { schema: schemaOf(schema, 'output'), example } }
  return mediaType ? { [mediaType]: {} } : {}
}

function schemaOf(schema: v.GenericSchema, typeMode: 'input' | 'output'): JsonObject {
  const name = Object.keys(NAMED).find((candidate) => NAMED[candidate] === schema)
  if (name) return { $ref: `#/components/schemas/${name}` }
  const { $schema: _, $defs: __, ...rest } = toJsonSchema(schema, { ...CONVERSION, typeMode }) as JsonObject
  return rest
}

/** What may go wrong with this route, the general things included. */
export function errorsOf({ method, path, policy, body, form, query, rate, errors }: Route): ErrorCode[] {
  return [
    ...new Set<ErrorCode>([
      ...(body || query || form ? (['bad_request'] as const) : []),
      ...(body ? (['body_too_large', 'unsupported_media_type'] as const) : []),
      ...(policy.kind === 'public' ? [] : (['unauthenticated', 'forbidden'] as const)),
      ...errors,
      ...(method === 'GET' ? [] : (['cross_site'] as const)),
      ...(path === '/api/health' ? [] : (['unknown_host'] as const)),
      ...(rate === 'free' ? [] : (['rate_limited', 'storage_busy'] as const)),
      'internal',
    ]),
  ]
}

function failures(route: Route): JsonObject {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of errorsOf(route)) byStatus.set(STATUS[code], [...(byStatus.get(STATUS[code]) ?? []), code])
  return Object.fromEntries(
    [...byStatus]
      // A status that also stands for an answer has told what it is.
      .filter(([status]) => !Object.hasOwn(route.answers, status))
      .sort(([a], [b]) => a - b)
      .map(([status, codes]) => [status, problemAnswer(codes)]),
  )
}

function problemAnswer(codes: readonly ErrorCode[]): JsonObject {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_MEANINGS[code]}`).join(' '),
    content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
  }
}

export function renderOpenApi(): string {
  return `${JSON.stringify(openApiDocument(), undefined, 2)}\n`
}

export function renderErrorsPage(): string {
  const rows = Object.entries(ERROR_MEANINGS).map(
    ([code, meaning]) => `| \`${code}\` | ${STATUS[code as ErrorCode]} | ${meaning} |`,
  )
  return `# Errors

Written by \`npm run reference\` from the tables in \`src/errors.ts\` and \`src/app/error-response.ts\`.

An error is \`application/problem+json\` (RFC 9457): \`type\`, \`title\`, \`status\`, \`code\`, \`detail\`. The code is for programs and never
changes; the detail is for people. Documents that fail and answers that break off carry the same codes. 429 and 503 say in
\`Retry-After\` after how many seconds to try again.

| code | status | meaning |
| --- | --- | --- |
${rows.join('\n')}
`
}

export function renderHttpPage(): string {
  return `# HTTP

Written by \`npm run reference\` from the table of routes in \`src/app/routes.ts\`. Schemas and examples: \`docs/reference/openapi.json\`, which the server
answers at \`/api/openapi.json\`. Errors: [errors.md](errors.md).

Programs send \`Authorization: Bearer KEY\` (or \`x-api-key: KEY\`), browsers the cookie of a session. JSON is UTF-8, at most ${printBytes(JSON_BODY_BYTES_MAX)} and 64
levels; unknown keys are refused. Lists are newest first, \`{items, nextCursor}\`, and go on with \`?cursor=\`. What is not yours is not there: 404.
Too many requests of one user, or from one address, are answered 429, however many web workers answer them.

${ROUTES.map(renderRoute).join('\n\n')}
`
}

function renderRoute(route: Route): string {
  const { method, path, sentence, policy, bodyExample, form, answers, errors } = route
  const statuses = Object.entries(answers).flatMap(([status, shapes]) =>
    ((Array.isArray(shapes) ? shapes : [shapes]) as AnswerShape[]).map(
      ({ description, mediaType, events }) =>
        `- ${status}${mediaType ? ` \`${mediaType}\`` : ''}: ${description}${
          events
            ? ` Names: ${Object.keys(events)
                .map((name) => `\`${name}\``)
                .join(', ')}.`
            : ''
        }`,
    ),
  )
  return [
    `## ${method} ${path}`,
    `${sentence} ${printPolicy(policy)}`,
    form &&
      `Fields of the form:\n\n${Object.entries(form)
        .map(([name, { description }]) => `- \`${name}\`: ${description}`)
        .join('\n')}`,
    bodyExample && `\`\`\`json\n${JSON.stringify(bodyExample)}\n\`\`\``,
    statuses.join('\n'),
    errors.length > 0 && `Errors of its own: ${errors.map((code) => `\`${code}\``).join(', ')}.`,
  ]
    .filter(Boolean)
    .join('\n\n')
}
