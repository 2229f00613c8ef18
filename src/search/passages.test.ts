import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cutPassages } from './passages.ts'

const SENTENCE = 'Every sentence of this paragraph is about as long as the others are, give or take. '

test('passages are whole sentences up to a thousand characters, and repeat one within a paragraph', () => {
  const text = SENTENCE.repeat(30).trim()
  const passages = cutPassages({ text, headings: [] })
  for (const [index, passage] of passages.entries()) {
    assert.ok(passage.text.length <= 1000)
    assert.ok(passage.text.startsWith('Every') && passage.text.endsWith('.'))
    if (index > 0) assert.equal(passage.start, passages[index - 1]!.end - SENTENCE.trim().length)
  }
  assert.equal(passages.at(-1)!.end, text.length)
})

test('at the end of a paragraph nothing is repeated, and a passage over half full ends', () => {
  const paragraph = SENTENCE.repeat(8).trim()
  const text = [paragraph, paragraph, 'Short.', 'Also short.'].join('\n\n')
  const passages = cutPassages({ text, headings: [] })
  assert.deepEqual(
    passages.map((passage) => passage.text),
    [paragraph, paragraph, 'Short.\n\nAlso short.'],
  )
})

test('no passage crosses a heading; the path of headings goes along', () => {
  const text =
    '# Guide\n\nWelcome.\n\n## Setup\n\nInstall it.\n\n### Linux\n\nUse the package.\n\n## Use\n\nRun it.\n\n## Later\n'
  const headings = [...text.matchAll(/^(#+) (.+)$/gm)].map((match) => ({
    start: match.index + match[1]!.length + 1,
    end: match.index + match[0].length,
    level: match[1]!.length,
  }))
  assert.deepEqual(
    cutPassages({ text, headings }).map((passage) => [passage.heading, passage.text]),
    [
      ['Guide', 'Welcome.'],
      ['Guide > Setup', 'Install it.'],
      ['Guide > Setup > Linux', 'Use the package.'],
      ['Guide > Use', 'Run it.'],
      // A heading without text is found as a passage of its own.
      ['Guide', 'Later'],
    ],
  )
})

test('a table row keeps its header, a list item its lead-in', () => {
  const rows = Array.from({ length: 30 }, (_, n) => `| item ${n} of the catalogue of spare parts | ${n * 7} | yes |`)
  const items = Array.from({ length: 30 }, (_, n) => `- the spare part number ${n} of the catalogue, with its seal`)
  const text = [
    'Prices.',
    '',
    '| Part | Price | In stock |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'We never deliver:',
    ...items,
  ]
  const passages = cutPassages({ text: text.join('\n'), headings: [] })
  const headingOf = (line: string) => passages.findLast((passage) => passage.text.includes(line))!.heading
  assert.equal(passages[0]!.heading, '')
  assert.equal(headingOf(rows[29]!), '| Part | Price | In stock |')
  assert.equal(headingOf(items[29]!), 'We never deliver:')
})

test('Chinese passages are shorter', () => {
  const passages = cutPassages({ text: '他们在联赛中排名第六，同时也以二十四次拦截领先。'.repeat(60), headings: [] })
  assert.ok(passages.every((passage) => passage.text.length <= 400))
})

test('whatever the text: literal ranges in order, within the bound, and no word is lost', () => {
  const piece = fc.constantFrom(
    'word ',
    'Dr. ',
    'End. ',
    '\n',
    '\n\n',
    '。',
    '漢字',
    '🙂',
    ' ',
    'x'.repeat(1500),
    '- item\n',
    '| a | b |\n',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      const text = pieces.join('')
      let covered = 0
      for (const passage of cutPassages({ text, headings: [] })) {
        assert.equal(passage.text, text.slice(passage.start, passage.end))
        assert.ok(passage.text.length <= 1000 && passage.text.isWellFormed())
        if (passage.start > covered) assert.doesNotMatch(text.slice(covered, passage.start), /[\p{L}\p{N}]/u)
        covered = Math.max(covered, passage.end)
      }
      assert.doesNotMatch(text.slice(covered), /[\p{L}\p{N}]/u)
    }),
    { numRuns: 300, seed: 5 },
  )
})

test('millions of characters are cut in one pass, whatever they are', () => {
  for (const unit of ['word ', 'x', 'One. ', '漢', '\n', '- a\n']) {
    const text = unit.repeat(2_000_000 / unit.length)
    const startedAt = performance.now()
    cutPassages({ text, headings: [] })
    assert.ok(performance.now() - startedAt < 10_000, `${JSON.stringify(unit)} took too long`)
  }
})
