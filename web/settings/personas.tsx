/** Saved instructions for how answers are written. */
import { useSignal } from '@preact/signals'
import { Confirmation } from '../components/confirmation.tsx'
import { TextAreaField, TextField } from '../components/field.tsx'
import { t } from '../messages.ts'
import { loadPersonas } from '../state/personas.ts'
import type { PersonaAnswer } from '../wire.ts'
import { ListEnd } from './list-end.tsx'
import { type RemoteList, useRemoteList } from './remote-list.ts'
import { settings } from './requests.ts'

export function Personas() {
  const list = useRemoteList(settings.personas)
  return (
    <>
      <ul class="setting-rows">
        {list.items.value.map((persona) => (
          <PersonaRow key={persona.id} persona={persona} list={list} />
        ))}
      </ul>
      <PersonaForm action={t.addPersona} save={(persona) => changed(list, () => settings.createPersona(persona))} />
      <ListEnd list={list} />
    </>
  )
}

interface PersonaRowProps {
  persona: PersonaAnswer
  list: RemoteList<PersonaAnswer>
}

function PersonaRow({ persona, list }: PersonaRowProps) {
  const doing = useSignal<'nothing' | 'editing' | 'deleting'>('nothing')
  const { id, name, active } = persona
  const rest = () => {
    doing.value = 'nothing'
  }
  if (doing.value === 'editing') {
    const save = async (change: PersonaText) => {
      const isSaved = await changed(list, () => settings.changePersona(id, change))
      if (isSaved) rest()
      return isSaved
    }
    return (
      <li>
        <PersonaForm persona={persona} action={t.save} save={save} />
        <button type="button" class="button small" onClick={rest}>
          {t.keep}
        </button>
      </li>
    )
  }
  return (
    <li>
      <bdi>{name}</bdi>
      <span class="quiet">{active && t.personaActive}</span>
      {doing.value === 'nothing' && (
        <span class="setting-actions">
          <button
            type="button"
            class="button small"
            aria-label={active ? t.deactivateNamed(name) : t.activateNamed(name)}
            onClick={() => void changed(list, () => settings.changePersona(id, { active: !active }))}
          >
            {active ? t.deactivate : t.activate}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={t.changeNamed(name)}
            onClick={() => {
              doing.value = 'editing'
            }}
          >
            {t.change}
          </button>
          <button
            type="button"
            class="button small"
            aria-label={t.removeNamed(name)}
            onClick={() => {
              doing.value = 'deleting'
            }}
          >
            {t.remove}
          </button>
        </span>
      )}
      {doing.value === 'deleting' && (
        <Confirmation
          label={t.removeNamed(name)}
          question={t.removePersonaSure}
          action={t.removeForGood}
          onKeep={rest}
          onConfirm={() => void changed(list, () => settings.removePersona(id))}
        />
      )}
    </li>
  )
}

type PersonaText = Pick<PersonaAnswer, 'name' | 'instructions'>

interface PersonaFormProps {
  persona?: PersonaText
  action: string
  save(persona: PersonaText): Promise<boolean>
}

function PersonaForm({ persona, action, save }: PersonaFormProps) {
  const name = useSignal(persona?.name ?? '')
  const instructions = useSignal(persona?.instructions ?? '')
  const submit = async (event: Event) => {
    event.preventDefault()
    if (!(await save({ name: name.value, instructions: instructions.value })) || persona !== undefined) return
    name.value = ''
    instructions.value = ''
  }
  return (
    <form class="setting-form" onSubmit={submit} noValidate>
      <TextField label={t.personaName} value={name} autocomplete="off" />
      <TextAreaField label={t.personaInstructions} value={instructions} />
      <button type="submit" class="button">
        {action}
      </button>
    </form>
  )
}

/** The chats offer what is there now. */
async function changed(list: RemoteList<PersonaAnswer>, act: () => Promise<unknown>): Promise<boolean> {
  const isDone = await list.change(act)
  if (isDone) await loadPersonas()
  return isDone
}
