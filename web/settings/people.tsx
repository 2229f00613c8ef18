/** Who may sign in. For administrators. */
import { useSignal } from '@preact/signals'
import { Confirmation } from '../components/confirmation.tsx'
import { PasswordField, TextField } from '../components/field.tsx'
import { t } from '../messages.ts'
import type { MeAnswer, UserAnswer } from '../wire.ts'
import { ListEnd } from './list-end.tsx'
import { type RemoteList, useRemoteList } from './remote-list.ts'
import { settings } from './requests.ts'

export function People({ me }: { me: MeAnswer }) {
  const list = useRemoteList(settings.users)
  return (
    <>
      <ul class="setting-rows">
        {list.items.value.map((user) => (
          <PersonRow key={user.id} user={user} isMe={user.id === me.id} list={list} />
        ))}
      </ul>
      <NewPerson list={list} />
      <ListEnd list={list} />
    </>
  )
}

interface PersonRowProps {
  user: UserAnswer
  isMe: boolean
  list: RemoteList<UserAnswer>
}

function PersonRow({ user, isMe, list }: PersonRowProps) {
  const isAsked = useSignal(false)
  const { id, username, role, disabled } = user
  const otherRole = role === 'administrator' ? 'member' : 'administrator'
  return (
    <li>
      <bdi>{username}</bdi>
      <span class="quiet">
        {t.roles[role]}
        {disabled && ` · ${t.disabled}`}
        {isMe && ` · ${t.you}`}
      </span>
      {/* Nobody locks themselves out by a slip. */}
      {!isMe && !isAsked.value && (
        <span class="setting-actions">
          <button
            type="button"
            class="button small"
            aria-label={t.makeRoleNamed(username, t.roles[otherRole])}
            onClick={() => void list.change(() => settings.changeRole(id, otherRole))}
          >
            {t.makeRole(t.roles[otherRole])}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={t.removeNamed(username)}
            onClick={() => {
              isAsked.value = true
            }}
          >
            {t.remove}
          </button>
        </span>
      )}
      {isAsked.value && (
        <Confirmation
          label={t.removeNamed(username)}
          question={t.removeSure(username)}
          action={t.removeForGood}
          onKeep={() => {
            isAsked.value = false
          }}
          onConfirm={() => void list.change(() => settings.removeUser(id))}
        />
      )}
    </li>
  )
}

function NewPerson({ list }: { list: RemoteList<UserAnswer> }) {
  const username = useSignal('')
  const password = useSignal('')
  const isAdministrator = useSignal(false)
  const add = async (event: Event) => {
    event.preventDefault()
    const role = isAdministrator.value ? 'administrator' : 'member'
    const user = { username: username.value, password: password.value, role } as const
    if (!(await list.change(() => settings.createUser(user)))) return
    username.value = ''
    password.value = ''
    isAdministrator.value = false
  }
  return (
    <form class="setting-form" onSubmit={add} noValidate>
      <TextField label={t.newPersonName} value={username} autocomplete="off" />
      <PasswordField label={t.newPersonPassword} value={password} autocomplete="new-password" />
      <label class="check">
        <input
          type="checkbox"
          checked={isAdministrator}
          onChange={({ currentTarget }) => {
            isAdministrator.value = currentTarget.checked
          }}
        />
        {t.mayAdminister}
      </label>
      <button type="submit" class="button">
        {t.addPerson}
      </button>
    </form>
  )
}
