import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseAst } from 'vite'
import { english } from './messages/english.ts'
import { LANGUAGES } from './messages/languages.ts'

const ROOT = import.meta.dirname
const SOURCES = globSync('**/*.{ts,tsx}', { cwd: ROOT, exclude: ['node_modules/**', 'messages/**', '**/*.test.ts'] })
/** Said with a key that the server sends, so that no source names each of them. */
const LOOKED_UP = new Set(['errors', 'reasons'])

type Table = Record<string, unknown>

const keysOf = (table: Table, path = ''): string[] =>
  Object.entries(table).flatMap(([key, value]) =>
    typeof value === 'object' ? keysOf(value as Table, `${path}${key}.`) : [`${path}${key}`],
  )
const valueAt = (table: Table, key: string) =>
  key.split('.').reduce<unknown>((at, name) => (at as Table | undefined)?.[name], table)

for (const [tag, { name, load }] of Object.entries(LANGUAGES)) {
  test(`every message of the page is there in ${name}, with the same values in it`, async () => {
    const table = (await load()) as Table
    const wrong = keysOf(english).filter((key) => {
      const [source, said] = [valueAt(english, key), valueAt(table, key)]
      if (typeof source !== typeof said || said === '') return true
      return typeof said === 'function' && said.length > (source as () => string).length
    })
    assert.deepEqual(wrong, [], `missing in ${tag}`)
    assert.deepEqual(
      keysOf(table).filter((key) => valueAt(english, key) === undefined),
      [],
      `said in ${tag} and nowhere asked for`,
    )
  })
}

test('no message is left that nothing says', () => {
  const text = SOURCES.map((file) => readFileSync(`${ROOT}/${file}`, 'utf8')).join('\n')
  const isSaid = (key: string) => {
    const [group = '', ...rest] = key.split('.')
    if (LOOKED_UP.has(group)) return true
    if (rest.length === 0) return new RegExp(`\\bt\\.${group}\\b`).test(text)
    return new RegExp(`\\bt\\.${group}(?:\\.${rest.join('\\.')}\\b|\\[)`).test(text)
  }
  assert.deepEqual(
    keysOf(english).filter((key) => !isSaid(key)),
    [],
  )
})

/** What a person reads or hears of an element, besides its text. */
const READ = new Set(['aria-label', 'aria-description', 'aria-roledescription', 'placeholder', 'title', 'alt', 'label'])
/** Names, and signs that are the same everywhere. */
const NO_LANGUAGE = new Set(['KnowBot'])

test('no component has words of its own: they would be in one language', () => {
  const found = SOURCES.filter((file) => file.endsWith('.tsx')).flatMap((file) => {
    const program = parseAst(readFileSync(`${ROOT}/${file}`, 'utf8'), { lang: 'tsx' })
    return wordsIn(program as unknown as Node, false).map((words) => `${file}: ${words}`)
  })
  assert.deepEqual(found, [])
})

interface Node extends Table {
  type: string
}

/** `isShown`: whether the value of this expression stands between tags, or in an attribute that is read. */
function wordsIn(node: Node, isShown: boolean): string[] {
  const within = (key: string, shown: boolean) => childrenOf(node[key]).flatMap((child) => wordsIn(child, shown))
  switch (node.type) {
    case 'JSXText':
      return ownWords(node['value'])
    case 'Literal':
      return isShown ? ownWords(node['value']) : []
    case 'TemplateElement':
      return isShown ? ownWords((node['value'] as Table)['raw']) : []
    case 'JSXAttribute':
      return within('value', READ.has(String((node['name'] as Table)['name'])))
    case 'JSXElement':
    case 'JSXFragment':
      return [...within('openingElement', false), ...within('children', true)]
    case 'ConditionalExpression':
      return [...within('test', false), ...within('consequent', isShown), ...within('alternate', isShown)]
    case 'LogicalExpression':
      return [...within('left', false), ...within('right', isShown)]
    case 'JSXExpressionContainer':
    case 'TemplateLiteral':
    case 'ParenthesizedExpression':
      return Object.keys(node).flatMap((key) => within(key, isShown))
    default:
      return Object.keys(node).flatMap((key) => within(key, false))
  }
}

function childrenOf(value: unknown): Node[] {
  return (Array.isArray(value) ? value : [value]).filter(
    (child): child is Node => typeof (child as Table | null)?.['type'] === 'string',
  )
}

function ownWords(text: unknown): string[] {
  const words = typeof text === 'string' ? text.trim() : ''
  return /\p{L}{2}/u.test(words) && !NO_LANGUAGE.has(words) ? [words] : []
}
