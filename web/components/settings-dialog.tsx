/** The frame of the settings; what stands in it arrives when it is opened for the first time. */
import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { t } from '../messages.ts'
import type { MeAnswer } from '../wire.ts'
import { Modal } from './modal.tsx'

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
  useEffect(
    () => () => {
      isOpen.value = false // Whoever signs in next has not asked for it.
    },
    [],
  )
  if (!isOpen.value) return null
  const close = () => {
    isOpen.value = false
  }
  const Settings = loaded.value?.Settings
  return (
    <Modal title={t.settings} class="settings" onClose={close}>
      {Settings === undefined ? (
        <p class="quiet">{isMissing.value ? t.unreachable : t.loading}</p>
      ) : (
        <Settings person={person} />
      )}
    </Modal>
  )
}
