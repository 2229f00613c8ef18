/** Embeddings of a small world: words of one meaning have one direction, whatever they look like. */
import { splitWords } from '../../src/search.ts'

const MEANINGS: readonly (readonly string[])[] = [
  ['car', 'automobile', 'vehicle', 'motor'],
  ['doctor', 'physician', 'surgeon', 'clinic'],
  ['holiday', 'vacation', 'leave', 'absence'],
  ['money', 'salary', 'wage', 'pay'],
  ['bread', 'loaf', 'sourdough', 'rye'],
  ['moon', 'lunar', 'satellite', 'orbit'],
]

/** Numbers per vector beside the meanings: what a text says in words that mean nothing here. */
const OTHERS = 58

/** `seed` makes another model: the same meanings in other directions. */
export function conceptsOf(seed = 0): (text: string) => Float32Array {
  return (text) => {
    const vector = new Float32Array(MEANINGS.length + OTHERS)
    for (const { text: word } of splitWords(text)) {
      const meaning = MEANINGS.findIndex((words) => words.includes(word))
      if (meaning >= 0) vector[(meaning + seed) % vector.length]! += 1
      else vector[MEANINGS.length + (hash(word + seed) % OTHERS)]! += 0.1
    }
    return vector
  }
}

function hash(text: string): number {
  let state = 2_166_136_261
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 16_777_619)
  return state >>> 0
}
