/** Labelled inputs. The value is a signal of the form that they stand in. */
import { type Signal, useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { t } from '../messages.ts'

interface FieldProps {
  label: string
  value: Signal<string>
  autocomplete: string
  hint?: string
  autofocus?: boolean
}

export function TextField({ label, value, autocomplete, autofocus = false }: FieldProps) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (autofocus) input.current?.focus()
  }, [autofocus])
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        ref={input}
        id={id}
        dir="auto"
        autocomplete={autocomplete}
        autocapitalize="none"
        spellcheck={false}
        required
        value={value}
        onInput={(event) => {
          value.value = event.currentTarget.value
        }}
      />
    </div>
  )
}

/** For more than a line. */
export function TextAreaField({ label, value }: Pick<FieldProps, 'label' | 'value'>) {
  const id = useId()
  return (
    <div class="field whole">
      <label for={id}>{label}</label>
      <textarea
        id={id}
        dir="auto"
        rows={3}
        required
        value={value}
        onInput={(event) => {
          value.value = event.currentTarget.value
        }}
      />
    </div>
  )
}

export function PasswordField({ label, value, autocomplete, hint }: FieldProps) {
  const id = useId()
  const isShown = useSignal(false)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="field-with-button">
        <input
          id={id}
          {...(isShown.value ? { type: 'text' } : { type: 'password' })}
          autocomplete={autocomplete}
          autocapitalize="none"
          spellcheck={false}
          required
          aria-describedby={hint === undefined ? undefined : `${id}-hint`}
          value={value}
          onInput={(event) => {
            value.value = event.currentTarget.value
          }}
        />
        <button
          type="button"
          class="button small"
          aria-label={`${isShown.value ? t.hidePassword : t.showPassword}: ${label}`}
          onClick={() => {
            isShown.value = !isShown.value
          }}
        >
          {isShown.value ? t.hidePassword : t.showPassword}
        </button>
      </div>
      {hint !== undefined && (
        <p class="quiet" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  )
}
