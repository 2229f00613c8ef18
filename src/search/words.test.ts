import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitWords, tokensOf } from './words.ts'

const words = (text: string) => splitWords(text).map((word) => word.text)

const CASES: readonly [why: string, text: string, words: string[]][] = [
  ['case and accents do not matter', 'Žofie CAFÉ naïve', ['zofie', 'cafe', 'naive']],
  ['signs separate', "don't/can_not", ['don', 't', 'can', 'not']],
  ['compatibility forms are taken apart', '½ ﬁne ㎏ Ⅳ', ['1', '2', 'fine', 'kg', 'iv']],
  ['Han becomes bigrams', '黑豹队', ['黑豹', '豹队']],
  ['a single sign stays', '第2章', ['第', '2', '章']],
  ['kana too, with its voicing', 'データベース', ['デー', 'ータ', 'タベ', 'ベー', 'ース']],
  ['half-width kana is the same', 'ﾃﾞｰﾀ', ['デー', 'ータ']],
  ['Thai becomes trigrams', 'ประเทศ', ['ประ', 'ระเ', 'ะเท', 'เทศ']],
  ['Hangul has spaces', '서울은 수도', ['서울은', '수도']],
  ['an Arabic article and ending go', 'والمدينة المكتبات', ['مدين', 'مكتب']],
  ['Arabic vowel signs go', 'كِتَاب', ['كتاب']],
  ['Indic vowels stay', 'हिन्दी', ['हिन्दी']],
  ['the last letter of Greek words keeps its form', 'ΟΔΟΣ οδός', ['οδος', 'οδος']],
]
for (const [why, text, expected] of CASES) {
  test(`words: ${why}`, () => assert.deepEqual(words(text), expected))
}

test('every word has its place in the text', () => {
  const text = 'Ünïcode 黑豹队 ﬁne\tEND'
  const places = splitWords(text).map(({ start, end }) => text.slice(start, end))
  assert.deepEqual(places, ['Ünïcode', '黑豹', '豹队', 'ﬁne', 'END'])
})

test('longer words give their first five letters, codes and numbers do not', () => {
  assert.deepEqual(tokensOf('protected proteins'), ['protected', 'proteins', '~prote', '~prote'])
  assert.deepEqual(tokensOf('WX300A 1000000'), ['wx300a', '1000000'])
})

test('what a hyphen joins is one token more', () => {
  assert.deepEqual(tokensOf('e-mail AB-1200 a - b'), ['e', 'mail', 'ab', '1200', 'a', 'b', 'email', 'ab1200'])
})

test('identifiers and numbers with a unit give their parts, and a letter with a sign another letter', () => {
  assert.deepEqual(tokensOf('maxPoolSize'), ['maxpoolsize', '~maxpo', 'max', 'pool', 'size'])
  assert.deepEqual(tokensOf('max_pool'), ['max', 'pool', 'maxpool', '~maxpo'])
  assert.deepEqual(tokensOf('5kg 10 GB'), ['5kg', '10', 'gb', '5', 'kg'])
  assert.deepEqual(tokensOf('C++ C# a#b'), ['c', 'c', 'a', 'b', 'c~pp', 'c~sh'])
  assert.deepEqual(tokensOf('GmbH 3D B12'), ['gmbh', '3d', 'b12', 'gmb', 'h', '3', 'd'])
})

test('thousands, sizes, letters that keyboards lack and Korean words have another spelling', () => {
  assert.deepEqual(tokensOf('1,000 2.500.000 3,14 21.07.1999'), [
    ...['1', '000', '2', '500', '000', '3', '14', '21', '07', '1999'],
    ...['1000', '2500000'],
  ])
  assert.deepEqual(tokensOf('M8x40'), ['m8x40', 'm8', '40'])
  assert.deepEqual(tokensOf('Maß Øl'), ['maß', 'øl', 'mass', 'ol'])
  assert.deepEqual(tokensOf('서울이다 수도'), ['서울이다', '수도', '서울', '울이', '이다'])
})

test('a word without an end is cut', () => {
  assert.equal(words('x'.repeat(100_000))[0]!.length, 64)
  assert.deepEqual(words(''), [])
})
