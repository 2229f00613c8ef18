/** The frame of the settings; what stands in it arrives when it is opened for the first time. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../messages.ts'
import type { MeAnswer } from '../wire.ts'
import { Icon } from './icon.tsx'

const isOpen = signal(false)
const loaded = signal<typeof import('../settings/settings.tsx') | undefined>(undefined)
const isMissing = signal(false)

export function openSettings(): void {
  isOpen.value = true
  isMissing.value = false
  import('../settings/settings.tsx').then(
    (module) => {
      loaded.value = module
    },
    () => {
      isMissing.value = true
    },
  )
}

export function SettingsDialog({ person }: { person: MeAnswer }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const isShown = isOpen.value
  useEffect(() => {
    if (isShown) dialog.current?.showModal()
  }, [isShown])
  useEffect(
    () => () => {
      isOpen.value = false // Whoever signs in next has not asked for it.
    },
    [],
  )
  if (!isShown) return null
  const shut = () => {
    // Closing gives the focus back to where it was, removing the element would not.
    dialog.current?.close()
    isOpen.value = false
  }
  const Settings = loaded.value?.Settings
  return (
    <dialog
      ref={dialog}
      class="help settings"
      aria-labelledby="settings-title"
      onCancel={(event) => {
        event.preventDefault()
        shut()
      }}
    >
      <div class="pane-head">
        <h2 id="settings-title">{t.settings}</h2>
        <button type="button" class="button bare" aria-label={t.close} onClick={shut}>
          <Icon name="close" />
        </button>
      </div>
      {Settings === undefined ? (
        <p class="quiet">{isMissing.value ? t.unreachable : t.loading}</p>
      ) : (
        <Settings person={person} />
      )}
    </dialog>
  )
}
