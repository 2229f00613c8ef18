import assert from 'node:assert/strict'
import { test } from 'node:test'
import { namesIn, questionAbout, subjectOf } from './question-forms.ts'

const ENGLISH =
  'The library of Fenwick is open to all, and the keys are with Ada Marsh. Two hours for that are enough, says Ada Marsh.'
const GERMAN = 'Die Bücherei von Fenwick ist für alle da, und die Schlüssel hat Frau Marsh. Zwei Stunden genügen dafür.'

const SPANISH = 'La biblioteca de Fenwick está abierta para todos, y las llaves las tiene Ada Marsh.'
const FRENCH = 'La bibliothèque de Fenwick est ouverte à tous, et les clés sont chez Ada Marsh.'

const QUESTIONS: [subject: string, sample: string, question: string][] = [
  ['Opening hours', ENGLISH, 'What is there about opening hours?'],
  ['Keys', ENGLISH, 'What is there about keys?'],
  ['Rooms', ENGLISH, 'What is there about Rooms?'],
  ['Fenwick by night', ENGLISH, 'What is there about Fenwick by night?'],
  ['Ada Marsh', ENGLISH, 'What is there about Ada Marsh?'],
  ['How to get here', ENGLISH, 'How to get here?'],
  ['Öffnungszeiten.', GERMAN, 'Was steht hier zum Thema Öffnungszeiten?'],
  ['Wie man herkommt', GERMAN, 'Wie man herkommt?'],
  ['Horarios de apertura', SPANISH, '¿Qué se dice sobre horarios de apertura?'],
  ['Horarios de apertura 2026', SPANISH, '¿Qué se dice sobre horarios de apertura 2026?'],
  ['Cómo llegar', SPANISH, '¿Cómo llegar?'],
  ['Heures d’ouverture', FRENCH, 'Que trouve-t-on sur heures d’ouverture\u00a0?'],
  ['Comment venir', FRENCH, 'Comment venir\u00a0?'],
  ['营业时间', '图书馆每天九点开门。', '关于营业时间有什么内容？'],
  ['ساعات العمل', 'تفتح المكتبة في التاسعة.', 'ماذا يوجد عن ساعات العمل؟'],
  ['Часы работы', 'Библиотека открывается в девять.', 'Часы работы?'],
  ['Orari', 'La biblioteca apre alle nove e chiude alle sei, di sabato alle due.', 'Orari?'],
]

for (const [subject, sample, question] of QUESTIONS) {
  test(`a subject as a question: ${question}`, () => {
    assert.equal(questionAbout(subject, sample), question)
    // What is searched for when it is asked: the subject, or the question where that is one by itself.
    const plain = subject.replace('.', '')
    assert.equal((subjectOf(question) ?? question.replace(/^¿|[\s?？؟]+$/g, '')).toLowerCase(), plain.toLowerCase())
  })
}

test('names are what has capitals within sentences, the most frequent first', () => {
  assert.deepEqual(namesIn(ENGLISH), ['Ada Marsh', 'Fenwick'])
})

test('in a script without capitals, marks show titles and terms, and foreign words are no names', () => {
  assert.deepEqual(namesIn('该馆收藏《红楼梦》和 Windows 手册，《红楼梦》最受欢迎。'), ['红楼梦'])
})
