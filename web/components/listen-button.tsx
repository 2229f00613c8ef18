/** Reads the answer aloud, with a voice of this machine: other voices are spoken by somebody's server, text and all. */
import { signal, useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../messages.ts'
import { Icon } from './icon.tsx'

/** Voices arrive some time after the page. */
const voices = signal<readonly SpeechSynthesisVoice[]>([])
const readVoices = () => {
  voices.value = speechSynthesis.getVoices().filter(({ localService }) => localService)
}
if ('speechSynthesis' in window) {
  readVoices()
  speechSynthesis.addEventListener('voiceschanged', readVoices)
}

/** The text that is being read; one at a time. */
const spoken = signal<string | null>(null)

export function ListenButton({ text }: { text: string }) {
  const isSpoken = useComputed(() => spoken.value === text)
  useEffect(() => () => silence(text), [text])
  if (voices.value.length === 0) return null
  return (
    <button type="button" class="button small plain" onClick={() => (isSpoken.value ? silence(text) : speak(text))}>
      <Icon name={isSpoken.value ? 'stop' : 'listen'} />
      {isSpoken.value ? t.listenStop : t.listen}
    </button>
  )
}

function speak(text: string): void {
  speechSynthesis.cancel()
  const utterance = new SpeechSynthesisUtterance(text.replace(/\s?\[\d+\]|[*_`#>|]+/g, ''))
  utterance.voice = bestVoice()
  utterance.addEventListener('end', () => {
    if (spoken.peek() === text) spoken.value = null
  })
  spoken.value = text
  speechSynthesis.speak(utterance)
}

function silence(text: string): void {
  if (spoken.peek() !== text) return
  spoken.value = null
  speechSynthesis.cancel()
}

function bestVoice(): SpeechSynthesisVoice | null {
  return voices.value.find(({ lang }) => navigator.language.startsWith(lang.slice(0, 2))) ?? voices.value[0] ?? null
}
