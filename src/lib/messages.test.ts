import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JsonValue } from './json.ts'
import { openMessages, type Relay } from './messages.ts'

test('a message is heard by every subscriber of its topic in this process, until they stop listening', () => {
  const messages = openMessages()
  const heard: JsonValue[] = []
  const stop = messages.subscribe('news', (data) => void heard.push(data))
  messages.subscribe('other', (data) => void heard.push(data))
  messages.publish('news', 1)
  stop()
  messages.publish('news', 2)
  assert.deepEqual(heard, [1])
})

test('messages go to the other processes once, and come from them', () => {
  const [left, right] = pair()
  const [one, two] = [openMessages(left), openMessages(right)]
  const heard: string[] = []
  one.subscribe('news', (data) => void heard.push(`one ${data}`))
  two.subscribe('news', (data) => void heard.push(`two ${data}`))
  one.publish('news', 'a')
  two.publish('news', 'b')
  assert.deepEqual(heard, ['one a', 'two a', 'two b', 'one b'])
})

/** Two ends of one wire. */
function pair(): [Relay, Relay] {
  const listeners: ((topic: string, data: JsonValue) => void)[][] = [[], []]
  const end = (own: 0 | 1): Relay => ({
    send: (topic, data) => {
      for (const listener of listeners[1 - own]!) listener(topic, data)
    },
    receive: (listener) => void listeners[own]!.push(listener),
  })
  return [end(0), end(1)]
}
