/**
 * As much of JSON Schema 2020-12 as `docs/reference/openapi.json` speaks, written from the specification and not from the
 * converter, so that the two can disagree. A word that it does not know is an error: nothing passes unchecked.
 */
type Schema = Readonly<Record<string, unknown>>

/** What is wrong with the value, one line each. `root` is the document that `$ref` points into. */
export function violations(root: Schema, schema: Schema, value: unknown, path = '$'): string[] {
  const found: string[] = []
  for (const [word, argument] of Object.entries(schema)) {
    const rule = RULES[word]
    if (!rule) throw new Error(`${path}: the validator does not know "${word}"`)
    found.push(...rule({ root, schema, argument, value, path }))
  }
  return found
}

interface Case {
  root: Schema
  schema: Schema
  argument: unknown
  value: unknown
  path: string
}

type Rule = (context: Case) => string[]

const NOTES: Rule = () => []

const RULES: Readonly<Record<string, Rule>> = {
  description: NOTES,
  default: NOTES,
  contentMediaType: NOTES,
  format({ argument, value, path }) {
    if (typeof value !== 'string') return []
    const isRight = FORMATS[argument as string]
    if (!isRight) throw new Error(`${path}: the validator does not know the format "${argument}"`)
    return expect(isRight.test(value), `${path}: ${value} is no ${argument}`)
  },
  $ref({ root, argument, value, path }) {
    const steps = String(argument).replace(/^#\//, '').split('/')
    const target = steps.reduce<unknown>((at, step) => (at as Schema | undefined)?.[step], root)
    if (target === undefined) throw new Error(`${path}: ${argument} leads nowhere`)
    return violations(root, target as Schema, value, path)
  },
  type({ argument, value, path }) {
    const types = [argument].flat() as string[]
    return expect(
      types.some((type) => isOfType(type, value)),
      `${path}: expected ${types.join(' or ')}, got ${JSON.stringify(value)}`,
    )
  },
  const: ({ argument, value, path }) => expect(argument === value, `${path}: expected ${JSON.stringify(argument)}`),
  enum: ({ argument, value, path }) =>
    expect((argument as unknown[]).includes(value), `${path}: ${JSON.stringify(value)} is none of the listed`),
  anyOf: ({ root, argument, value, path }) =>
    expect(
      (argument as Schema[]).some((option) => violations(root, option, value, path).length === 0),
      `${path}: fits none of the options`,
    ),
  allOf: ({ root, argument, value, path }) =>
    (argument as Schema[]).flatMap((option) => violations(root, option, value, path)),
  properties: ({ root, argument, value, path }) =>
    isObject(value)
      ? Object.entries(argument as Record<string, Schema>).flatMap(([name, schema]) =>
          Object.hasOwn(value, name) ? violations(root, schema, value[name], `${path}.${name}`) : [],
        )
      : [],
  required: ({ argument, value, path }) =>
    isObject(value)
      ? (argument as string[]).flatMap((name) => expect(Object.hasOwn(value, name), `${path}.${name} is missing`))
      : [],
  additionalProperties({ root, schema, argument, value, path }) {
    if (!isObject(value)) return []
    const known = Object.keys((schema['properties'] ?? {}) as object)
    const others = Object.keys(value).filter((name) => !known.includes(name))
    if (argument === false) return others.map((name) => `${path}.${name} may not be there`)
    return others.flatMap((name) => violations(root, argument as Schema, value[name], `${path}.${name}`))
  },
  items: ({ root, argument, value, path }) =>
    Array.isArray(value)
      ? value.flatMap((item, index) => violations(root, argument as Schema, item, `${path}[${index}]`))
      : [],
  minItems: ({ argument, value, path }) =>
    expect(!Array.isArray(value) || value.length >= (argument as number), `${path}: too few items`),
  maxItems: ({ argument, value, path }) =>
    expect(!Array.isArray(value) || value.length <= (argument as number), `${path}: too many items`),
  maxLength: ({ argument, value, path }) =>
    expect(typeof value !== 'string' || [...value].length <= (argument as number), `${path}: too long`),
  pattern: ({ argument, value, path }) =>
    expect(typeof value !== 'string' || new RegExp(argument as string, 'u').test(value), `${path}: not /${argument}/`),
  minimum: ({ argument, value, path }) =>
    expect(typeof value !== 'number' || value >= (argument as number), `${path}: below ${argument}`),
  maximum: ({ argument, value, path }) =>
    expect(typeof value !== 'number' || value <= (argument as number), `${path}: above ${argument}`),
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  uri: /^[a-z][a-z\d+.-]*:\S+$/i,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i,
}

function isOfType(type: string, value: unknown): boolean {
  switch (type) {
    case 'null':
      return value === null
    case 'array':
      return Array.isArray(value)
    case 'object':
      return isObject(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === type
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function expect(isRight: boolean, otherwise: string): string[] {
  return isRight ? [] : [otherwise]
}
