import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesIn, questionAbout } from './question-forms.ts'

const ENGLISH =
  'The library of Fenwick is open to all, and the keys are with Ada Marsh. Two hours for that are enough, says Ada Marsh.'
const GERMAN = 'Die Bücherei von Fenwick ist für alle da, und die Schlüssel hat Frau Marsh. Zwei Stunden genügen dafür.'

const QUESTIONS: [subject: string, sample: string, question: string][] = [
  ['Opening hours', ENGLISH, 'What is there about opening hours?'],
  ['Keys', ENGLISH, 'What is there about keys?'],
  ['Rooms', ENGLISH, 'What is there about Rooms?'],
  ['Fenwick by night', ENGLISH, 'What is there about Fenwick by night?'],
  ['Ada Marsh', ENGLISH, 'What is there about Ada Marsh?'],
  ['How to get here', ENGLISH, 'How to get here?'],
  ['Öffnungszeiten.', GERMAN, 'Öffnungszeiten?'],
  ['营业时间', '图书馆每天九点开门。', '营业时间？'],
  ['ساعات العمل', 'تفتح المكتبة في التاسعة.', 'ساعات العمل؟'],
]

for (const [subject, sample, question] of QUESTIONS) {
  test(`a subject as a question: ${question}`, () => assert.equal(questionAbout(subject, sample), question))
}

test('names are what has capitals within sentences, the most frequent first', () => {
  assert.deepEqual(namesIn(ENGLISH), ['Ada Marsh', 'Fenwick'])
})

test('in a script without capitals, marks show titles and terms, and foreign words are no names', () => {
  assert.deepEqual(namesIn('该馆收藏《红楼梦》和 Windows 手册，《红楼梦》最受欢迎。'), ['红楼梦'])
})
