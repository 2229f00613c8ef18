/** Reads the answer aloud, with a voice of this machine: other voices are spoken by somebody's server, text and all. */
import { signal, useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { language, t } from '../messages.ts'
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
/** The text that nothing here could read. */
const unspoken = signal<string | null>(null)

export function ListenButton({ text }: { text: string }) {
  const isSpoken = useComputed(() => spoken.value === text)
  const isUnspoken = useComputed(() => unspoken.value === text)
  useEffect(() => () => silence(text), [text])
  return (
    <>
      <button type="button" class="button small plain" onClick={() => (isSpoken.value ? silence(text) : speak(text))}>
        <Icon name={isSpoken.value ? 'stop' : 'listen'} />
        {isSpoken.value ? t.listenStop : t.listen}
      </button>
      <span class="quiet" role="status">
        {isUnspoken.value && t.listenNoVoice}
      </span>
    </>
  )
}

function speak(text: string): void {
  const voice = bestVoice()
  unspoken.value = voice === undefined ? text : null
  if (voice === undefined) return
  speechSynthesis.cancel()
  const utterance = new SpeechSynthesisUtterance(text.replace(/\s?\[\d+\]|[*_`#>|]+/g, ''))
  utterance.voice = voice
  utterance.addEventListener('end', () => {
    if (spoken.peek() === text) spoken.value = null
  })
  utterance.addEventListener('error', ({ error }) => {
    if (spoken.peek() !== text || error === 'canceled' || error === 'interrupted') return
    spoken.value = null
    unspoken.value = text
  })
  spoken.value = text
  speechSynthesis.speak(utterance)
}

function silence(text: string): void {
  if (spoken.peek() !== text) return
  spoken.value = null
  speechSynthesis.cancel()
}

/** One that speaks as the page does, if there is one. */
function bestVoice(): SpeechSynthesisVoice | undefined {
  return voices.value.find(({ lang }) => lang.startsWith(language.value)) ?? voices.value[0]
}
