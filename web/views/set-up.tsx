/** The first administrator, by the one-time code of the link that the start prints. */
import { useSignal } from '@preact/signals'
import { asRequestError } from '../api-client.ts'
import { PasswordField, TextField } from '../components/field.tsx'
import { Gate } from '../components/gate.tsx'
import { t } from '../messages.ts'
import { leaveSetup, setUp } from '../state/session.ts'

/** The server holds to the same; here it saves a round trip. */
const PASSWORD_CHARACTERS_MIN = 12

export function SetUp({ code }: { code: string }) {
  const name = useSignal('')
  const password = useSignal('')
  const problem = useSignal<string | null>(null)
  const isBusy = useSignal(false)

  const submit = async (event: Event) => {
    event.preventDefault()
    if (isBusy.value) return
    problem.value = check(name.value, password.value)
    if (problem.value !== null) return
    isBusy.value = true
    await setUp(code, name.value, password.value).catch((error) => {
      problem.value = asRequestError(error).message
    })
    isBusy.value = false
  }

  return (
    <Gate title={t.setupTitle} lead={t.setupLead}>
      <form class="fields" onSubmit={submit} noValidate>
        <TextField label={t.name} value={name} autocomplete="username" autofocus />
        <PasswordField label={t.password} value={password} autocomplete="new-password" hint={t.setupPasswordHint} />
        {problem.value !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <button type="submit" class="button primary" aria-disabled={isBusy.value}>
          {isBusy.value ? t.setupWorking : t.setupButton}
        </button>
      </form>
      <button type="button" class="button link" onClick={() => void leaveSetup()}>
        {t.setupHaveAccount}
      </button>
    </Gate>
  )
}

function check(name: string, password: string): string | null {
  if (name === '' || password === '') return t.fieldMissing
  const characters = [...password].length
  return characters < PASSWORD_CHARACTERS_MIN ? t.passwordShort(characters, PASSWORD_CHARACTERS_MIN) : null
}
