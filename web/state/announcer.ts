/** What a screen reader says by itself: beginnings and ends, never each word or percent. */
import { signal } from '@preact/signals'

export const announcement = signal('')

export function announce(sentence: string): void {
  // The same sentence twice would be no change, and no change is not read out.
  announcement.value = announcement.peek() === sentence ? `${sentence}\u00a0` : sentence
}
