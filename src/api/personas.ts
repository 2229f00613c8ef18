/** Personas: instructions that somebody has saved for how answers are written. */
import * as v from 'valibot'
import { id, listOf, time } from './values.ts'

const NAME_CHARACTERS_MAX = 80
/** About a thousand tokens: they go before every question of the chat. */
export const INSTRUCTIONS_CHARACTERS_MAX = 4000

const name = v.pipe(v.string(), v.maxLength(NAME_CHARACTERS_MAX), v.regex(/\S/, 'Expected a name, got none'))
const instructions = v.pipe(
  v.string(),
  v.maxLength(INSTRUCTIONS_CHARACTERS_MAX),
  v.regex(/\S/, 'Expected some words, got none'),
  v.description('For tone, form, length and language. The rules of answers, such as citing, hold whatever it says.'),
)
const active = v.pipe(
  v.boolean(),
  v.description('Chats begin with it. Of the others of the same person none is active.'),
)

export const NewPersonaRequest = v.strictObject({ name, instructions, active: v.optional(active) })
export const PersonaChangeRequest = v.strictObject({
  name: v.optional(name),
  instructions: v.optional(instructions),
  active: v.optional(active),
})

export const Persona = v.strictObject({ id, name: v.string(), instructions: v.string(), active, createdAt: time })
export type PersonaAnswer = v.InferOutput<typeof Persona>
export const PersonaList = listOf(Persona)
