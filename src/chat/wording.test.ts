import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANGUAGES } from './languages.ts'
import { beginsNotFound, type Wording, wordingOf } from './wording.ts'

const QUESTION = '1873?'
const TOLD = { name: 'lease.pdf', topic: 'rent', reason: 'no route', day: '2026-03-01', numbers: '1–3, 7' }

/** Everything that a table says, with the values that it has to hand on. */
function allOf(wording: Wording): Record<string, string> {
  const { name, topic, reason, day, numbers } = TOLD
  const counts = [0, 1, 2, 3, 11, 100]
  const counted = (say: (count: number) => string) => counts.map(say).join(' ')
  return {
    documents: counted(wording.documents),
    pages: counted(wording.pages),
    pagesOf: wording.pagesOf(numbers, 4, name),
    partOf: wording.partOf(numbers, 4, 80, name),
    furtherPages: wording.furtherPages,
    notFound: wording.sentence(wording.notFound),
    notFoundSomeWaiting: counted(wording.notFoundSomeWaiting),
    notFoundAllWaiting: counted(wording.notFoundAllWaiting),
    notFoundNoneRead: wording.notFoundNoneRead,
    notFoundNoDocuments: wording.notFoundNoDocuments,
    notFoundNorInWeb: wording.notFoundNorInWeb,
    foundInWeb: wording.foundInWeb,
    webFailed: wording.webFailed(reason),
    quotes: Object.values(wording.quotes).join(' '),
    nearest: Object.values(wording.nearest).join(' '),
    unreadable: `${wording.unreadable([name], 0)} ${wording.unreadable([name], 12)}`,
    standsFor: wording.standsFor(name),
    newestIs: wording.newestIs(12, name),
    mentions: `${wording.mentions(7, topic, false)} ${wording.mentions(7, topic, true)}`,
    firstOfThem: wording.firstOfThem(30),
    madeFrom: wording.madeFrom(name),
    lookedThrough: wording.lookedThrough(name),
    share: wording.share(3, 12, 40, 99),
    libraryEmpty: wording.libraryEmpty,
    library: `${wording.library(1, 0, name)} ${wording.library(12, 99, name)}`,
    plainText: wording.plainText,
    image: wording.image('PNG'),
    isUnread: wording.isUnread,
    isBeingRead: wording.isBeingRead,
    notReadable: wording.notReadable(numbers, 4),
    addedOn: wording.addedOn(day),
    newestOnly: wording.newestOnly(20),
  }
}

const english = allOf(wordingOf({ question: QUESTION, language: 'en' }))

for (const language of LANGUAGES) {
  const said = allOf(wordingOf({ question: QUESTION, language }))

  test(`${language}: every sentence hands on the names and numbers that English does, and no template is left open`, () => {
    for (const [key, words] of Object.entries(said)) {
      assert.doesNotMatch(words, /[#{}]|undefined|NaN/, key)
      for (const value of Object.values(TOLD)) assert.equal(words.includes(value), english[key]!.includes(value), key)
      for (const number of ['12', '30', '40', '80', '99']) {
        assert.equal(words.includes(number), english[key]!.includes(number), `${key}: ${number} in ${words}`)
      }
    }
  })

  if (language !== 'en') {
    test(`${language}: no sentence is left in English`, () => {
      for (const [key, words] of Object.entries(said)) assert.notEqual(words, english[key], key)
    })
  }

  test(`${language}: an answer that has none is known by its beginning`, () => {
    assert.ok(beginsNotFound(`\n${said['notFound']!.toUpperCase()}`))
    assert.ok(beginsNotFound(said['notFoundNoDocuments']!))
    assert.ok(!beginsNotFound(said['quotes']!))
  })
}

test('the language is that of the question, then that of the page, then English', () => {
  const begin = (question: string, language?: 'de' | 'fr') => wordingOf({ question, language }).libraryEmpty.slice(0, 8)
  assert.equal(begin('¿Qué documentos tengo?', 'de'), 'Todavía ')
  assert.equal(begin('Fenwick 1873?', 'de'), 'Es gibt ')
  assert.equal(begin('Fenwick 1873?'), 'There ar')
})
