/** A few things of which one is chosen, with a label. */
import { useId } from 'preact/hooks'

interface ChoiceFieldProps<T extends string> {
  label: string
  value: T
  /** What may be chosen, each with its words, and its language where that is another than the page's. */
  options: readonly { value: T; words: string; lang?: string }[]
  onChoose(value: T): void
}

export function ChoiceField<T extends string>({ label, value, options, onChoose }: ChoiceFieldProps<T>) {
  const id = useId()
  return (
    <div class="field choice-field">
      <label for={id}>{label}</label>
      <select
        id={id}
        value={value}
        onChange={({ currentTarget }) => onChoose(options[currentTarget.selectedIndex]!.value)}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} lang={option.lang} selected={option.value === value}>
            {option.words}
          </option>
        ))}
      </select>
    </div>
  )
}
