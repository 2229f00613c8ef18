/** A dialog over the page. The focus goes to what is marked `data-first`; Escape closes it, and the focus goes back to where it was. */
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
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
  useLayoutEffect(() => {
    const { current } = dialog
    const opener = document.activeElement
    current?.showModal()
    current?.querySelector<HTMLElement>('[data-first]')?.focus()
    return () => {
      current?.close()
      // Closing gives the focus back as long as the dialog is in the page; it may be gone by now.
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus()
    }
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
