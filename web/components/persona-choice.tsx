/** How answers of the open chat are written. Not shown to who has no personas. */
import { t } from '../messages.ts'
import { choosePersona, chosenPersona, personas } from '../state/personas.ts'

export function PersonaChoice() {
  const chosen = chosenPersona.value
  if (personas.value.length === 0 || chosen === undefined) return null
  return (
    <p class="persona-choice quiet">
      <label for="persona">{t.persona}</label>
      <select
        id="persona"
        value={chosen ?? ''}
        onChange={({ currentTarget }) => void choosePersona(currentTarget.value || null)}
      >
        <option value="">{t.personaNone}</option>
        {personas.value.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </select>
    </p>
  )
}
