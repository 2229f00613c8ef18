import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hyphenation } from './hyphens.ts'
import { composeText, type PlacedWord } from './placed-text.ts'

const CASES: [what: string, text: string, joined: string][] = [
  ['a divided word is joined', 'the know-\nledge', 'the knowledge'],
  [
    'a compound that stands elsewhere keeps its hyphen',
    'a well-known man, well-\nknown',
    'a well-known man, well-known',
  ],
  [
    'a compound of known words keeps its hyphen',
    'blue and green, the blue-\ngreen sea',
    'blue and green, the blue-green sea',
  ],
  [
    'of known words that make a known word it goes',
    'some thing, something, some-\nthing',
    'some thing, something, something',
  ],
  ['a name with a capital keeps it', 'Baden-\nBaden', 'Baden-\nBaden'],
  ['a dash between paragraphs is left alone', 'end-\n\nstart', 'end-\n\nstart'],
  ['a range of numbers is left alone', '10-\n20', '10-\n20'],
]

for (const [what, text, joined] of CASES) {
  test(`${what}: ${JSON.stringify(text)}`, () => {
    assert.equal(composeText(new Hyphenation().join(place(text))).text, joined)
  })
}

test('what an earlier page wrote counts', () => {
  const hyphenation = new Hyphenation()
  hyphenation.join(place('a well-known man'))
  assert.equal(composeText(hyphenation.join(place('well-\nknown'))).text, 'well-known')
})

test('both parts of a joined word keep their places', () => {
  const { text, words } = composeText(new Hyphenation().join(place('know-\nledge is')))
  assert.deepEqual(
    words.map(({ start, end, y }) => [text.slice(start, end), y]),
    [
      ['know', 0],
      ['ledge', 1],
      ['is', 1],
    ],
  )
})

function place(text: string): PlacedWord[] {
  return text.split('\n').flatMap((line, y, lines) =>
    line === ''
      ? []
      : line.split(' ').map((word, x) => {
          const lineGap = lines[y - 1] === '' ? '\n\n' : '\n'
          return { text: word, gap: x > 0 ? ' ' : y > 0 ? lineGap : '', x, y, width: 1, height: 1, confidence: null }
        }),
  )
}
