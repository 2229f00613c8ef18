import assert from 'node:assert/strict'
import { test } from 'node:test'
import { standaloneQuestion } from './follow-up.ts'

const HISTORY = [{ question: 'How high is the lighthouse?', answer: '31 metres [1].' }]

for (const question of [
  'When was it built?',
  'And the harbour light?',
  'What about the keeper?',
  'Who built them?',
  'Why?',
  'Und wer hat ihn gebaut?',
]) {
  test(`"${question}" is searched with the question before it`, () => {
    assert.equal(standaloneQuestion(question, HISTORY), `${question} How high is the lighthouse?`)
    assert.equal(standaloneQuestion(question, []), question)
  })
}

for (const question of [
  'How many seats does the reading room have?',
  'Who won the chess tournament in Reykjavik?',
  'Wie viele Einwohner hat Holm?',
  'Wann öffnet das Freibad?',
  'Is there a lift to the upper floors?',
  '',
]) {
  test(`"${question}" stands by itself`, () => assert.equal(standaloneQuestion(question, HISTORY), question))
}
