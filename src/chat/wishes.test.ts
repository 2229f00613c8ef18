import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAboutSeveral, isGeneral, wishOf } from './wishes.ts'

for (const question of [
  'What files do I have?',
  'which documents are there',
  'List my documents.',
  'How many documents do I have?',
  'what have I uploaded?',
  'Welche Dokumente habe ich?',
  'Wie viele Dateien gibt es?',
  'Liste alle Dateien auf',
  '¿Qué documentos tengo?',
  'Quels fichiers ai-je ?',
  'Combien de documents y a-t-il ?',
  '我有哪些文档？',
  '列出所有文件',
  '一共有多少个文档？',
  'ما المستندات التي لدي؟',
  'كم عدد الملفات؟',
  'اعرض كل المستندات',
]) {
  test(`“${question}” asks what there is`, () => assert.equal(wishOf(question).kind, 'inventory'))
}

for (const [question, about, general] of [
  ['Summarise this document', 'this document', true],
  ['please summarize all documents', 'all documents', true],
  ['Can you give me a short summary of lease.pdf?', 'lease.pdf', false],
  ['Summary', '', true],
  ['TL;DR', '', true],
  ['What is this document about?', 'this document', true],
  ['What are the main points of the report?', 'the report', true],
  ['Fasse dieses Dokument zusammen.', 'dieses Dokument', true],
  ['Fass mir den Mietvertrag kurz zusammen', 'den Mietvertrag', false],
  ['Worum geht es in diesem Dokument?', 'diesem Dokument', false],
  ['Resume este documento', 'este documento', true],
  ['¿De qué trata este documento?', 'este documento', true],
  ['Résume ce document', 'ce document', true],
  ['总结这个文档', '这个文档', true],
  ['总结我的所有文件', '我的所有文件', true],
  ['لخص هذا المستند', 'هذا المستند', true],
] as const) {
  test(`“${question}” asks for a summary`, () => {
    assert.deepEqual(wishOf(question), { kind: 'summary', about })
    if (general) assert.ok(isGeneral(about))
  })
}

for (const [question, about] of [
  ['List all deadlines in the contract', 'deadlines in the contract'],
  ['What are all the opening hours?', 'opening hours'],
  ['Name every person who is mentioned', 'person who is mentioned'],
  ['Make a list of the fees.', 'fees'],
  ['Nenne alle Fristen', 'Fristen'],
  ['Enumera todos los plazos', 'plazos'],
  ['Liste tous les délais', 'délais'],
  ['列出所有截止日期', '截止日期'],
  ['اذكر جميع المواعيد', 'المواعيد'],
] as const) {
  test(`“${question}” asks for all of a kind`, () => assert.deepEqual(wishOf(question), { kind: 'list', about }))
}

for (const question of [
  'How many seats does the reading room have?',
  'Which documents mention the harbour?',
  'What is the summary judgment about in the case of Miller?',
  'Name the architect',
  'Who lists the prices?',
  'What is photosynthesis about',
  'Welche Fristen gelten?',
  'How many documents does an applicant have to hand in?',
]) {
  test(`“${question}” is a question like any other`, () => assert.deepEqual(wishOf(question), { kind: 'passage' }))
}

test('one document or several', () => {
  assert.ok(isAboutSeveral('all documents') && isAboutSeveral('everything') && isAboutSeveral('alle Dokumente'))
  assert.ok(!isAboutSeveral('this document') && !isAboutSeveral('dieses Dokument'))
})
