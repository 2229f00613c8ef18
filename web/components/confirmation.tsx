/** What cannot be taken back is asked for twice; the focus stands on the harmless answer. */
import { useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../messages.ts'

interface ConfirmationProps {
  /** What the question is about, for who does not see where it stands. */
  label: string
  question: string
  action: string
  onKeep(): void
  onConfirm(): void
}

export function Confirmation({ label, question, action, onKeep, onConfirm }: ConfirmationProps) {
  const keep = useRef<HTMLButtonElement>(null)
  useLayoutEffect(() => keep.current?.focus(), [])
  return (
    <fieldset class="confirmation" aria-label={label}>
      <p>{question}</p>
      <button ref={keep} type="button" class="button small" onClick={onKeep}>
        {t.keep}
      </button>
      <button type="button" class="button small danger" onClick={onConfirm}>
        {action}
      </button>
    </fieldset>
  )
}
