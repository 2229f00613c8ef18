/** What the model has cost today, where there is something to say. */
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../messages.ts'
import type { TokensTodayAnswer } from '../wire.ts'
import { settings } from './requests.ts'

export function Tokens() {
  const tokens = useSignal<TokensTodayAnswer | null>(null)
  useEffect(() => {
    settings.tokens().then(
      (today) => {
        tokens.value = today
      },
      () => undefined, // Whoever cannot be reached says so in the sections below.
    )
  }, [tokens])
  if (tokens.value === null) return null
  const { used, perDay, resetsAt } = tokens.value
  return used === 0 && perDay === null ? null : <p class="quiet">{t.tokensUsed(used, perDay, new Date(resetsAt))}</p>
}
