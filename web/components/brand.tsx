/** The robot's face. Its mood tells what the answer does; who does not see it misses nothing, because words say the same. */
import { current, exchanges } from '../state/conversation.ts'

type Mood = 'idle' | 'searching' | 'writing' | 'unsure'

export function Brand() {
  return (
    <span class="brand">
      <svg viewBox="0 0 32 32" aria-hidden="true" data-mood={moodNow()}>
        <path class="brand-head" d="M16 2.5V6" />
        <rect class="brand-head" x="3" y="6" width="26" height="21" rx="8" />
        <rect class="brand-face" x="8" y="12" width="16" height="9" rx="4.5" />
        <g class="brand-eyes">
          <circle cx="12.5" cy="16.5" r="1.9" />
          <circle cx="19.5" cy="16.5" r="1.9" />
        </g>
      </svg>
      <span>KnowBot</span>
    </span>
  )
}

function moodNow(): Mood {
  const state = current.value?.state.value
  if (state === 'searching' || state === 'writing') return state
  const last = exchanges.value.at(-1)
  return last?.isNotFound.value || ['failed', 'interrupted'].includes(last?.state.value ?? '') ? 'unsure' : 'idle'
}
