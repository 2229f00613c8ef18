/** Markdown of documents: what is shown of it, and where each piece of it was written. */
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type FormattedNode, type FormattedText, NODES_MAX, TooLargeError } from './formatted.ts'
import { formatMarkdown } from './formatted-markdown.ts'

const ROOT = join(import.meta.dirname, '../..')

const CASES: [what: string, text: string, shown: string][] = [
  ['headings below the name of the document, none left out', '# A\n\n### B\n\nC\n===', 'h3(A)|h4(B)|h3(C)'],
  ['lists, tight and loose', '- a\n- b\n\n3. c\n\n   d', 'ul(li(a)|li(b))|ol start=3(li(p(c)|p(d)))'],
  ['emphasis', '**a *b*** ~~c~~', 'p(strong(a |em(b))| |s(c))'],
  ['a table', '|a|b|\n|-|-:|\n|1|2|', 'table(thead(tr(th(a)|th align=end(b)))|tbody(tr(td(1)|td align=end(2))))'],
  ['code is what was written', '`<b>`\n\n```html\n<i>\n  x\n```', 'p(code(<b>))|pre(code(<i>|\n  |x|\n))'],
  ['HTML stays text', '<img src=x onerror=alert(1)>', 'p(<img src=x onerror=alert(1)>)'],
  [
    'links to the web and to people',
    '[a](http://b.example/c) <d@e.example>',
    'p(a href=http://b.example/c(a)| |a href=mailto:d@e.example(d@e.example))',
  ],
  [
    'an address by itself is one, a name of a file is none',
    'https://a.example b.md',
    'p(a href=https://a.example/(https://a.example)| b.md)',
  ],
  [
    'links that run something, or lead to nothing, are words',
    '[b](/c.md) [d](#e) [f](ftp://g)',
    'p(b| |a toAnchor=e(d)| |f)',
  ],
  ['the words of a picture, and nothing fetched', '![A *cat*](http://b.example/c.png "d") e', 'p(picture(A *cat*)| e)'],
  ['metadata as it is written', '---\ntitle: A\n---\nB', 'pre(code(title: A))|p(B)'],
]
for (const [what, text, shown] of CASES) {
  test(`Markdown of a document: ${what}`, () => assert.equal(print(formatMarkdown(text).nodes), shown))
}

test('an address that a browser would run is never one', () => {
  for (const address of ['javascript:alert(1)', 'JAVASCRIPT:alert(1)', 'data:text/html,<b>', 'vbscript:a', 'file:///a'])
    assert.doesNotMatch(print(formatMarkdown(`[a](${address}) <${address}>`).nodes), /href/)
})

test('headings are places by their words, numbered where they are said again', () => {
  const { anchors } = formatMarkdown('# What *is* `new`?\n\n## Über uns\n\n## Über uns\n\n# !')
  assert.deepEqual([...anchors], ['what-is-new', 'über-uns', 'über-uns-1', ''])
})

/** What of the text is quoted, and what of it is marked. */
const MARKED: [text: string, quote: string, marked: string[]][] = [
  [
    'The **annual fee** is [12 euros](http://fee.example "for 12 euros") for all.',
    '** is [12 euros](http://fee.example "for 12 euros") for',
    [' is ', '12 euros', ' for'],
  ],
  ['a a\n\n> a **a\n> a** a', 'a** a', ['a', ' a']],
  ['|1|1|\n|-|-|\n|1|`1 \\| 1`|\n|1|1|', '`1 \\| 1`', ['1 | 1']],
  ['1. one\n   ```\n   one\n     two\n   ```', 'one\n     two', ['one', 'two']],
  ['Fish &amp; chips \\* 2', 'sh &amp; chips \\* 2', ['sh ', '&', ' chips ', '*', ' 2']],
  ['---\ndate: 1 May\n---\n\n1 May', 'date: 1 May', ['date: 1 May']],
]
for (const [text, quote, marked] of MARKED) {
  test(`Markdown of a document: of ${JSON.stringify(text)} the quote is marked`, () => {
    const start = text.lastIndexOf(quote)
    const found = formatMarkdown(text).find({ start, end: start + quote.length })
    assert.deepEqual(
      [...found].map(([node, range]) => node.text.slice(range.start, range.end)),
      marked,
    )
  })
}

test('each line of our own documents is marked with its own words, and with no others', () => {
  const files = globSync('{*.md,docs/**/*.md,samples/*.md}', { cwd: ROOT })
  assert.ok(files.length >= 20)
  for (const file of files) {
    const text = readFileSync(join(ROOT, file), 'utf8')
    const { nodes, find } = formatMarkdown(text)
    const everywhere = find({ start: 0, end: text.length })
    assert.deepEqual(
      textsOf(nodes).filter((node) => node.text.trim() !== '' && !everywhere.has(node) && !/^https?:/.test(node.text)),
      [],
      file,
    )
    let start = 0
    for (const line of text.split('\n')) {
      const shown = [...find({ start, end: start + line.length })].map(([node, range]) =>
        node.text.slice(range.start, range.end),
      )
      assert.ok(isPartOf(shown.join(''), line), `${file}: ${line}`)
      start += line.length + 1
    }
  }
})

test('Markdown made to hang a parser is parsed at once, or refused', () => {
  const startedMs = performance.now()
  for (const bomb of [
    '*'.repeat(150_000),
    '['.repeat(50_000),
    '>'.repeat(20_000),
    '[a]('.repeat(40_000),
    '![['.repeat(20_000),
  ])
    formatMarkdown(bomb)
  assert.throws(() => formatMarkdown('*a* '.repeat(NODES_MAX)), TooLargeError)
  assert.ok(performance.now() - startedMs < 5000)
})

/** Its letters, in their order. */
function isPartOf(shown: string, written: string): boolean {
  let at = 0
  return [...shown.replaceAll(/\s/g, '')].every((letter) => {
    at = written.indexOf(letter, at) + 1
    return at > 0
  })
}

function textsOf(nodes: readonly FormattedNode[]): FormattedText[] {
  return nodes.flatMap((node) => ('text' in node ? [node] : textsOf(node.children)))
}

function print(nodes: readonly FormattedNode[]): string {
  return nodes
    .map((node) => {
      if ('text' in node) return node.text
      const attributes = Object.entries(node.attributes)
        .filter(([name]) => name !== 'anchor')
        .map(([name, value]) => ` ${name}=${value}`)
      return `${node.tag}${attributes.join('')}${node.children.length === 0 ? '' : `(${print(node.children)})`}`
    })
    .join('|')
}
