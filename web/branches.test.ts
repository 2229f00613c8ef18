import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isNewest, pathOf, type Said } from './branches.ts'

let key = 0
const said = (questionId: string | null, editOf: string | null = null): Said => ({ key: ++key, questionId, editOf })
const questions = (path: ReturnType<typeof pathOf>) => path.map(({ shown }) => shown.questionId)

test('what was asked one after the other is one path', () => {
  const path = pathOf([said('a'), said('b'), said(null), said(null)], new Map())
  assert.deepEqual(questions(path), ['a', 'b', null, null])
  assert.ok(isNewest(path))
})

test('a question asked anew takes the place of the old one and of what followed it', () => {
  const all = [said('a'), said('b'), said('c'), said('b2', 'b'), said('d')]
  const path = pathOf(all, new Map())
  assert.deepEqual(questions(path), ['a', 'b2', 'd'])
  assert.deepEqual([path[1]!.questions, path[1]!.questionIndex], [['b', 'b2'], 1])

  const old = pathOf(all, new Map([[path[1]!.placeId, 'b']]))
  assert.deepEqual(questions(old), ['a', 'b', 'c'])
  assert.ok(isNewest(path) && !isNewest(old))
})

test('asking anew what was asked anew stands at the same place', () => {
  const path = pathOf([said('a'), said('a2', 'a'), said('a3', 'a2'), said('b')], new Map())
  assert.deepEqual(questions(path), ['a3', 'b'])
  assert.deepEqual(path[0]!.questions, ['a', 'a2', 'a3'])
})

test('of several answers the newest is shown, or the one that was chosen', () => {
  const [first, second] = [said('a'), said('a')]
  const [place] = pathOf([first, second], new Map())
  assert.equal(place!.shown, second)
  assert.deepEqual(place!.answers, [first, second])
  assert.equal(pathOf([first, second], new Map([[place!.turnId, first.key]]))[0]!.shown, first)
})

test('a question asked anew whose old one is not loaded begins the path', () => {
  assert.deepEqual(questions(pathOf([said('b'), said('a2', 'a'), said('c')], new Map())), ['a2', 'c'])
})
