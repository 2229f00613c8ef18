/** A dialog over the page. Escape closes it; the focus goes back to where it was. */
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { t } from '../messages.ts'
import { Icon } from './icon.tsx'

interface ModalProps {
  title: string
  class?: string
  onClose(): void
  children: ComponentChildren
}

export function Modal({ title, class: name = '', onClose, children }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const { current } = dialog
    current?.showModal()
    // Closing gives the focus back, removing the element would not.
    return () => current?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      class={`help ${name}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div class="pane-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="button bare" aria-label={t.close} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      {children}
    </dialog>
  )
}
