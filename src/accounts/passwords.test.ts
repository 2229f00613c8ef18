import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KnowBotError } from '../errors.ts'
import { assertGoodPassword, Passwords } from './passwords.ts'

const REFUSED = [
  '',
  'short',
  'eleven char',
  'Password2024!',
  'passwordpassword',
  'correct horse battery staple',
  '123456789012',
  '210987654321',
  'qwertyuiopasdf',
  'abcabcabcabc',
  'aaaaaaaaaaaaaaaa',
  'administrator!',
  'Ada-1234567890',
  'x'.repeat(257),
  '😀'.repeat(11),
]

for (const password of REFUSED) {
  test(`the password ${JSON.stringify(password.slice(0, 30))} is refused with the reason`, () => {
    assert.throws(
      () => assertGoodPassword(password, 'Ada'),
      ({ code, message }: KnowBotError) =>
        code === 'bad_request' &&
        message.startsWith('Expected a password') &&
        (password.length < 6 || !message.includes(password)),
    )
  })
}

const TAKEN = [
  'five brown cups of tea',
  'Größe zählt doch!',
  'tr0ub4dor&3 & more',
  'password of my dog Rex',
  'x7'.padEnd(256, 'kq9w3 '),
  ' leading and trailing ',
]

for (const password of TAKEN) {
  test(`the password ${JSON.stringify(password.slice(0, 30))} is taken, exactly as it is`, async () => {
    assertGoodPassword(password, 'Ada')
    const passwords = new Passwords()
    const hash = await passwords.hash(password)
    assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
    assert.deepEqual(await passwords.verify(password, hash), { isRight: true, isOutdated: false })
    assert.equal((await passwords.verify(`${password} `, hash)).isRight, false)
  })
}

test('a hash made with other parameters is right, and told to be outdated', async () => {
  // argon2id of "correct" with m = 1024 KiB, t = 1, made by Node's own argon2Sync.
  const hash = '$argon2id$v=19$m=1024,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$N83WCFaAj26lsrKJq5MaG/6Tbz5sk5TFBKog/TKZsKc'
  assert.deepEqual(await new Passwords().verify('correct', hash), { isRight: true, isOutdated: true })
})

test('a hash that is none belongs to no password', async () => {
  for (const hash of [null, '', 'x', '$argon2id$v=19$m=19456,t=2,p=1$$'])
    assert.equal((await new Passwords().verify('', hash)).isRight, false)
})

test('of a hundred and three hashes at once the last is told to come back later', async () => {
  const passwords = new Passwords()
  const hash = '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA'
  const all = await Promise.allSettled(Array.from({ length: 103 }, () => passwords.verify('x', hash)))
  const refused = all.flatMap((result) => (result.status === 'rejected' ? [result.reason as KnowBotError] : []))
  assert.deepEqual(
    refused.map(({ code, retryAfterS }) => [code, retryAfterS]),
    [['overloaded', 5]],
  )
})
