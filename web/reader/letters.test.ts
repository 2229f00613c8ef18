/** A quote found by its letters in a text that was laid out anew. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openLetters } from './letters.ts'

const TEXT = 'The ferry leaves at noon.\n\nThe mill has three floors.\n\nThe ferry leaves at noon.'

function found(pieces: readonly string[], quote: { start: number; end: number }, text = TEXT): string[] {
  const nodes = pieces.map((piece) => ({ text: piece }))
  return [...openLetters(nodes, text).find(quote)].map(([node, { start, end }]) => node.text.slice(start, end))
}

test('a quote is found across pieces and over other white space', () => {
  const pieces = ['The  ferry leaves at noon.', 'The ', 'mill', ' has\n three floors.', 'The ferry leaves at noon.']
  assert.deepEqual(found(pieces, { start: 27, end: 53 }), ['The ', 'mill', ' has\n three floors.'])
})

test('of what is said twice, the one is found that was quoted', () => {
  const pieces = ['The ferry leaves at noon.', 'The mill has three floors.', 'The ferry leaves at noon.']
  const nodes = pieces.map((text) => ({ text }))
  const letters = openLetters(nodes, TEXT)
  assert.deepEqual([...letters.find({ start: 0, end: 25 }).keys()], [nodes[0]])
  assert.deepEqual([...letters.find({ start: 55, end: 80 }).keys()], [nodes[2]])
})

test('where more is shown than was read, what stands around the quote tells which it is', () => {
  const nodes = ['Menu', 'The ferry leaves at noon.', 'Advertisement', ...TEXT.split('\n\n')].map((text) => ({ text }))
  const letters = openLetters(nodes, TEXT)
  assert.equal(letters.isWhole, false)
  assert.deepEqual([...letters.find({ start: 55, end: 80 }).keys()], [nodes.at(-1)])
})

test('words broken by soft hyphens are the same words', () => {
  assert.deepEqual(found(['Donau\u00addampf\u00adschiff'], { start: 0, end: 15 }, 'Donaudampfschiff'), [
    'Donau\u00addampf\u00adschif',
  ])
})

test('what is not there is not found, and neither is nothing', () => {
  assert.deepEqual(found(['Something else.'], { start: 0, end: 25 }), [])
  assert.deepEqual(found(['The ferry leaves at noon.'], { start: 25, end: 27 }), [])
})
