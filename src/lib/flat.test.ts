import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appended } from './flat.ts'

test('a text that grows word by word is what was put into it, short or long', () => {
  let text = ''
  let plain = ''
  for (let n = 0; n < 2000; n++) {
    text = appended(text, ` wörd${n}\n`)
    plain += ` wörd${n}\n`
  }
  assert.equal(text, plain)
  assert.equal(appended('', ''), '')
})
