/** The moment before it is known who is there, and the state when the server does not say. */
import { Gate } from '../components/gate.tsx'
import { t } from '../messages.ts'
import { openSession } from '../state/session.ts'

export function Opening({ reason }: { reason?: string }) {
  if (reason === undefined) return <p class="opening">{t.loading}</p>
  return (
    <Gate title="KnowBot">
      <p role="alert">{reason}</p>
      <button type="button" class="button primary" onClick={() => void openSession()}>
        {t.tryAgain}
      </button>
    </Gate>
  )
}
