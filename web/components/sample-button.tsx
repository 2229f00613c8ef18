/** Documents to try it with, for whoever has none at hand. */
import { useSignal } from '@preact/signals'
import { api, asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import { takeIn } from '../state/documents.ts'

export function SampleButton() {
  const isBusy = useSignal(false)
  const trouble = useSignal<string | null>(null)
  const add = async () => {
    if (isBusy.value) return
    isBusy.value = true
    trouble.value = null
    try {
      const { items } = await api.addSamples()
      for (const view of items) takeIn(view)
    } catch (error) {
      trouble.value = asRequestError(error).message
    }
    isBusy.value = false
  }
  return (
    <>
      <button type="button" class="button small" aria-disabled={isBusy.value} onClick={() => void add()}>
        {t.trySamples}
      </button>
      {trouble.value !== null && <p role="alert">{t.samplesFailed(trouble.value)}</p>}
    </>
  )
}
