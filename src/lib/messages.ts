/**
 * Small messages between the processes of one server: a hint to look into the database, never the data itself. A message may
 * be lost (a process that starts, a relay that is full), so that whoever waits for one looks again by itself now and then.
 */
import type { JsonValue } from './json.ts'

export interface Messages {
  /** Every subscriber of the topic hears it, in this process and in the others. */
  publish(topic: string, data: JsonValue): void
  /** Answers how to stop listening. */
  subscribe(topic: string, listener: (data: JsonValue) => void): () => void
}

/** The way to the other processes. */
export interface Relay {
  send(topic: string, data: JsonValue): void
  receive(listener: (topic: string, data: JsonValue) => void): void
}

/** Messages within this process, and through the relay with the others. The relay does not send back to its sender. */
export function openMessages(relay?: Relay): Messages {
  const listeners = new Map<string, Set<(data: JsonValue) => void>>()
  const deliver = (topic: string, data: JsonValue) => {
    for (const listener of listeners.get(topic) ?? []) listener(data)
  }
  relay?.receive(deliver)
  return {
    publish(topic, data) {
      deliver(topic, data)
      relay?.send(topic, data)
    },
    subscribe(topic, listener) {
      const ofTopic = listeners.get(topic) ?? new Set()
      listeners.set(topic, ofTopic.add(listener))
      return () => {
        ofTopic.delete(listener)
        if (ofTopic.size === 0) listeners.delete(topic)
      }
    },
  }
}
