/** A new password, for who knows the old one. */
import { useSignal } from '@preact/signals'
import { asRequestError } from '../api-client.ts'
import { PasswordField } from '../components/field.tsx'
import { t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import { settings } from './requests.ts'

export function Password() {
  const current = useSignal('')
  const password = useSignal('')
  const problem = useSignal<string | null>(null)
  const isDone = useSignal(false)
  const change = async (event: Event) => {
    event.preventDefault()
    isDone.value = false
    problem.value = current.value === '' || password.value === '' ? t.fieldMissing : null
    if (problem.value !== null) return
    try {
      await settings.changePassword(current.value, password.value)
      current.value = ''
      password.value = ''
      isDone.value = true
      announce(t.passwordChanged)
    } catch (error) {
      const { code, message } = asRequestError(error)
      problem.value = code === 'wrong_credentials' ? t.passwordWrong : message
    }
  }
  return (
    <form class="fields" onSubmit={change} noValidate>
      <PasswordField label={t.passwordCurrent} value={current} autocomplete="current-password" />
      <PasswordField label={t.passwordNew} value={password} autocomplete="new-password" hint={t.setupPasswordHint} />
      <button type="submit" class="button">
        {t.passwordChange}
      </button>
      {isDone.value && <p class="quiet">{t.passwordChanged}</p>}
      {problem.value !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
