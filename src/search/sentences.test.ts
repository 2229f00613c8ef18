import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitSentences } from './sentences.ts'

const CASES: readonly [why: string, sentences: string[], separator?: string][] = [
  ['they end with a stop before white space', ['It rained.', 'We left at 3.5 p.m. in haste!', 'Why?']],
  [
    'not after an abbreviation, an initial or before a lowercase letter',
    ['Dr. J. Smith saw e.g. this. it went on.', 'End.'],
  ],
  ['German and Russian abbreviations', ['Das gilt z.B. Hunden bzw. Katzen.', 'Это т.е. Москва.']],
  ['closing signs belong to them', ['He said “go.”', '(She left.)', 'Done.']],
  ['Chinese needs no space', ['他丢了分。', '他们排名第六！', '为什么？'], ''],
  ['Hindi, Arabic, Armenian', ['यह एक वाक्य है।', 'दूसरा।', 'هل هذا سؤال؟', 'نعم.', 'Սա է։', 'Այո։']],
  ['“No.” is an answer, and before a figure an abbreviation', ['No.', 'See No. 5 there.']],
  ['a newline ends one', ['A title without a stop', 'and the text.'], '\n'],
]
for (const [why, sentences, separator = ' '] of CASES) {
  test(`sentences: ${why}`, () => {
    const text = sentences.join(separator)
    assert.deepEqual(
      splitSentences(text).map(({ start, end }) => text.slice(start, end)),
      sentences,
    )
  })
}

test('a line that broke for want of room does not end a sentence', () => {
  const text = 'The committee that met in the old town hall on Friday\nagreed to everything.'
  assert.equal(splitSentences(text).length, 1)
})

test('an Arabic line that broke for want of room does not end a sentence, and neither does an abbreviation at its end', () => {
  const arabic = 'لا يوضع الشراب في هذا الوعاء الكبير بعد فتح الزجاجة لأول مرة\nفي الثلاجة، ويُستعمل خلال ثلاثة أشهر.'
  assert.equal(splitSentences(arabic).length, 1)
  const german = 'Die Kosten für den neuen Solarpark werden auf etwa 1,35 Mio.\nEuro geschätzt.'
  assert.equal(splitSentences(german).length, 1)
})

test('the day before a German month ends no sentence', () => {
  const text = 'Der Vertrag endet am 31. Dezember 2025. Er verlängert sich bis zum 30. September.'
  assert.deepEqual(
    splitSentences(text).map(({ start, end }) => text.slice(start, end)),
    ['Der Vertrag endet am 31. Dezember 2025.', 'Er verlängert sich bis zum 30. September.'],
  )
})
