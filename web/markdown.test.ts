import assert from 'node:assert/strict'
import test from 'node:test'
import { type MarkdownNode, type MarkdownReading, readMarkdown } from './markdown.ts'

const CASES: [what: string, text: string, shown: string][] = [
  [
    'emphasis, with a marker inside',
    'It has **48 seats [1]** and *light*.',
    'p(It has |strong(48 seats [1])| and |em(light)|.)',
  ],
  ['a tight list', '- one\n- two [2]', 'ul(li(one)|li(two [2]))'],
  ['a list that begins at three', '3. three', 'ol3(li(three))'],
  ['headings below the question', '# Big\n\n### Small', 'h3(Big)|h4(Small)'],
  ['code is what was written', '`<b>` and\n\n```js\n<i>\n```', 'p(code(<b>)| and)|pre(code(<i>\n))'],
  ['a table', '|a|b|\n|-|-|\n|1|2|', 'table(thead(tr(th(a)|th(b)))|tbody(tr(td(1)|td(2))))'],
  ['HTML stays text', '<img src=x onerror=alert(1)>', 'p(<img src=x onerror=alert(1)>)'],
  [
    'a link stays text',
    'See [here](http://a.example) and ![this](http://b.example/x.png).',
    'p(See [here](http://a.example) and ![this](http://b.example/x.png).)',
  ],
  [
    'a definition makes no link of a marker',
    'So it is [1].\n\n[1]: http://a.example',
    'p(So it is [1].)|p([1]: http://a.example)',
  ],
]

for (const [what, text, shown] of CASES) {
  test(`Markdown of a model: ${what}`, () => {
    assert.equal(print(readMarkdown(text).blocks), shown)
  })
}

test('a text that comes word by word is in the end what it is at once, and finished blocks stay the same', () => {
  const text = CASES.map(([, part]) => part).join('\n\n')
  let reading: MarkdownReading | undefined
  for (let end = 0; end <= text.length; end += 3) {
    const next = readMarkdown(text.slice(0, end), reading)
    const finished = reading?.blocks.slice(0, reading.finished) ?? []
    for (const [i, block] of finished.entries()) assert.equal(next.blocks[i], block)
    reading = next
  }
  assert.equal(print(readMarkdown(text, reading).blocks), print(readMarkdown(text).blocks))
})

test('Markdown made to hang a parser is parsed at once', () => {
  const startedMs = performance.now()
  for (const bomb of ['*'.repeat(150_000), '['.repeat(50_000), '>'.repeat(20_000), '_a'.repeat(50_000)])
    readMarkdown(bomb)
  assert.ok(performance.now() - startedMs < 5000)
})

function print(nodes: readonly MarkdownNode[]): string {
  return nodes
    .map((node) => ('text' in node ? node.text : `${node.tag}${node.start ?? ''}(${print(node.children)})`))
    .join('|')
}
