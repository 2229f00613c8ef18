import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findHeadings, findTitle } from './markdown.ts'

const CASES: [what: string, text: string, headings: string[], title: string | null][] = [
  ['marks before and after', '# One #\n\ntext\n\n### Two # three ###\n', ['1 One', '3 Two # three'], 'One'],
  ['underlined headings', 'One\n===\n\nTwo\n---\n\n- item\n---\n', ['1 One', '2 Two'], 'One'],
  ['code fences', '```sh\n# not one\n```\n~~~\n# nor this\n```\n~~~\n## This\n', ['2 This'], null],
  ['what only looks like a heading', '#hash\n    # code\n####### seven\n#\n', [], null],
  ['metadata', '---\ntitle: "A title"\n---\n# One\n', ['1 One'], 'A title'],
  ['a fence that is never closed', '# One\n```\n# two\n', ['1 One'], 'One'],
]

for (const [what, text, expected, title] of CASES) {
  test(`headings are found: ${what}`, () => {
    const headings = findHeadings(text)
    assert.deepEqual(
      headings.map(({ start, end, level }) => `${level} ${text.slice(start, end)}`),
      expected,
    )
    assert.equal(findTitle(text, headings), title)
  })
}
