import { useSignal } from '@preact/signals'
import { asRequestError } from '../api-client.ts'
import { PasswordField, TextField } from '../components/field.tsx'
import { Gate } from '../components/gate.tsx'
import { t } from '../messages.ts'
import { signIn } from '../state/session.ts'

export function SignIn({ needsSetup }: { needsSetup: boolean }) {
  const name = useSignal('')
  const password = useSignal('')
  const problem = useSignal<string | null>(null)
  const isBusy = useSignal(false)

  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy.value) return
    problem.value = name.value === '' || password.value === '' ? t.fieldMissing : null
    if (problem.value !== null) return
    isBusy.value = true
    await signIn(name.value, password.value).catch((error) => {
      problem.value = asRequestError(error).message
    })
    isBusy.value = false
  }

  return (
    <Gate title={t.signIn} lead={needsSetup ? t.signInNobody : t.signInLead}>
      <form class="fields" onSubmit={submit} noValidate>
        <TextField label={t.name} value={name} autocomplete="username" autofocus />
        <PasswordField label={t.password} value={password} autocomplete="current-password" />
        {problem.value !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button primary" aria-disabled={isBusy.value}>
          {isBusy.value ? t.signingIn : t.signIn}
        </button>
      </form>
      {needsSetup && <p class="quiet">{t.signInFirst}</p>}
    </Gate>
  )
}
