import assert from 'node:assert/strict'
import { test } from 'node:test'
import { acceptedLanguage, type Language, languageOf } from './languages.ts'

const TEXTS: [text: string, language: Language | undefined][] = [
  ['How many seats does the reading room have?', 'en'],
  ['When was it built?', 'en'],
  ['What does 红楼梦 mean?', 'en'],
  ['List all deadlines', 'en'],
  ['Wie viele Plätze hat der Lesesaal?', 'de'],
  ['Was kostet das?', 'de'],
  ['Fasse dieses Dokument zusammen', 'de'],
  ['Welche Dokumente habe ich?', 'de'],
  ['¿Cuántos asientos tiene la sala de lectura?', 'es'],
  ['¿Qué documentos tengo?', 'es'],
  ['Resume este documento', 'es'],
  ['Combien de places y a-t-il dans la salle de lecture ?', 'fr'],
  ['Quels documents ai-je ?', 'fr'],
  ["Qu'est-ce que le moulin ?", 'fr'],
  ['阅览室有多少个座位？', 'zh'],
  ['GPU 的价格是多少？', 'zh'],
  ['كم عدد المقاعد في قاعة القراءة؟', 'ar'],
  ['Quanti posti ha la sala di lettura del museo?', undefined],
  ['Quantos lugares tem a sala de leitura do museu?', undefined],
  ['Hoeveel plaatsen heeft de leeszaal van het museum?', undefined],
  ['Сколько мест в читальном зале?', undefined],
  ['閲覧室には席がいくつありますか？', undefined],
  ['اتاق مطالعه چند صندلی دارد؟', undefined],
  ['Fenwick 1873?', undefined],
  ['', undefined],
]

for (const [text, language] of TEXTS) {
  test(`${language ?? 'no language of ours'}: ${text || 'nothing'}`, () => assert.equal(languageOf(text), language))
}

test('a long text with a small word here and there is not taken for that language', () => {
  assert.equal(languageOf(`${'Xanthos Yperion Zelphor Quorlin Marandu Feskil Ombrath '.repeat(20)} the`), undefined)
})

const HEADERS: [header: string | null, language: Language | undefined][] = [
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['it,fr;q=0.4,es;q=0.6', 'es'],
  ['zh-Hant-TW', 'zh'],
  ['en;q=0, ar', 'ar'],
  ['ja, *', undefined],
  ['', undefined],
  [null, undefined],
]

for (const [header, language] of HEADERS) {
  test(`Accept-Language ${JSON.stringify(header)} is ${language ?? 'none of ours'}`, () =>
    assert.equal(acceptedLanguage(header), language))
}
