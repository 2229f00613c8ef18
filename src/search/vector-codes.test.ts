import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  appendEntries,
  countBits,
  passagesIn,
  quantise,
  signsOf,
  similarity,
  toBytes,
  toWords,
  withoutPassages,
} from './vector-codes.ts'

test('the cosine of a quantised vector is within a hundredth', () => {
  for (const [n, dimension] of [3, 64, 384, 1536].entries()) {
    const [a, b] = [vector(n, dimension), vector(n + 10, dimension)]
    assert.ok(Math.abs(similarity(a, quantise(b)) - dot(a, b)) < 0.01, `${dimension}`)
    assert.ok(Math.abs(similarity(a, quantise(a)) - 1) < 0.01)
  }
})

test('the closer two vectors are the fewer of their signs differ, dense or mostly zero', () => {
  for (const make of [vector, sparse]) {
    const centre = new Float32Array(300)
    const one = make(1, 300)
    const signs = signsOf(one, centre)
    const differing = [0.1, 0.5, 2].map((share) => {
      const other = unit(one.map((value, d) => value + share * make(2, 300)[d]!))
      return signsOf(other, centre).reduce((sum, word, at) => sum + countBits(word ^ signs[at]!), 0)
    })
    assert.ok(differing[0]! < differing[1]! && differing[1]! < differing[2]!, differing.join(' '))
  }
})

test('bits are counted', () => {
  assert.deepEqual([0, 1, 0xff, 0x80000000, 0xffffffff, -1].map(countBits), [0, 1, 8, 1, 32, 32])
})

test('a block keeps what is added until it is taken out', () => {
  const signs = (n: number) => signsOf(vector(n, 40), new Float32Array(40))
  const first = [7, 8, 9].map((passageId) => ({ passageId, readingId: 1, signs: signs(passageId) }))
  const block = appendEntries(appendEntries(new Uint32Array(0), first.slice(0, 1)), first.slice(1))
  assert.deepEqual([...passagesIn(block, 40)], [7, 8, 9])
  const left = withoutPassages(block, 40, new Set([8]))
  assert.deepEqual([...passagesIn(left, 40)], [7, 9])
  assert.deepEqual(left.slice(-16), signs(9))
  assert.deepEqual(toWords(toBytes(left)), left)
  assert.equal(withoutPassages(left, 40, new Set([7, 9])).length, 0)
})

test('bytes that do not lie on a border of four are read all the same', () => {
  const bytes = new Uint8Array([0, 1, 0, 0, 0, 2, 0, 0, 0])
  assert.deepEqual(toWords(bytes.subarray(1)), new Uint32Array([1, 2]))
})

function vector(seed: number, dimension: number): Float32Array {
  return unit(Float32Array.from({ length: dimension }, (_, d) => Math.sin((seed + 1) * (d + 1) * 12.9898)))
}

function sparse(seed: number, dimension: number): Float32Array {
  return vector(seed, dimension).map((value, d) => (d % 23 === seed ? value : 0))
}

function unit(numbers: Float32Array): Float32Array {
  const length = Math.sqrt(dot(numbers, numbers))
  return numbers.map((value) => value / length)
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, d) => sum + value * b[d]!, 0)
}
