/** Keys with which programs act in one's name. A new one is shown once. */
import { useSignal } from '@preact/signals'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { Confirmation } from '../components/confirmation.tsx'
import { TextField } from '../components/field.tsx'
import { t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import type { KeyAnswer } from '../wire.ts'
import { ListEnd } from './list-end.tsx'
import { type RemoteList, useRemoteList } from './remote-list.ts'
import { settings } from './requests.ts'

export function Keys() {
  const list = useRemoteList(settings.keys)
  const name = useSignal('')
  const secret = useSignal<string | null>(null)
  const make = async (event: Event) => {
    event.preventDefault()
    if (name.value.trim() === '') return
    await list.change(async () => {
      secret.value = (await settings.createKey(name.value.trim())).key
      name.value = ''
    })
  }
  return (
    <>
      <ul class="setting-rows">
        {list.items.value.map((key) => (
          <KeyRow key={key.id} view={key} list={list} />
        ))}
      </ul>
      {secret.value !== null && <Secret secret={secret.value} />}
      <form class="setting-form" onSubmit={make} noValidate>
        <TextField label={t.keyName} value={name} autocomplete="off" />
        <button type="submit" class="button">
          {t.makeKey}
        </button>
      </form>
      <ListEnd list={list} />
    </>
  )
}

function KeyRow({ view, list }: { view: KeyAnswer; list: RemoteList<KeyAnswer> }) {
  const isAsked = useSignal(false)
  const { id, name, lastUsedAt } = view
  return (
    <li>
      <bdi>{name}</bdi>
      <span class="quiet">{lastUsedAt === null ? t.neverUsed : t.lastUsed(new Date(lastUsedAt))}</span>
      {isAsked.value ? (
        <Confirmation
          label={t.revokeNamed(name)}
          question={t.revokeSure}
          action={t.revoke}
          onKeep={() => {
            isAsked.value = false
          }}
          onConfirm={() => void list.change(() => settings.revokeKey(id))}
        />
      ) : (
        <button
          type="button"
          class="button small"
          aria-label={t.revokeNamed(name)}
          onClick={() => {
            isAsked.value = true
          }}
        >
          {t.revoke}
        </button>
      )}
    </li>
  )
}

/** In a field, so that it can be selected by one press also where the clipboard is not given to pages. */
function Secret({ secret }: { secret: string }) {
  const input = useRef<HTMLInputElement>(null)
  useLayoutEffect(() => {
    input.current?.focus()
    input.current?.select()
    announce(t.keyOnce)
  }, [secret])
  return (
    <div class="field secret">
      <label for="new-key">{t.keyOnce}</label>
      <input ref={input} id="new-key" readOnly value={secret} onFocus={({ currentTarget }) => currentTarget.select()} />
      {isSecureContext && (
        <button
          type="button"
          class="button small"
          onClick={() =>
            void navigator.clipboard.writeText(secret).then(
              () => announce(t.copied),
              () => announce(t.copyFailed),
            )
          }
        >
          {t.copy}
        </button>
      )}
    </div>
  )
}
