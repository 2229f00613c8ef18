/** The language of the page. Each is called by its own name, so that who lands in a foreign one finds the way out. */
import { asRequestError } from '../api-client.ts'
import { chooseLanguage, LANGUAGES, type Language, language, t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import { ChoiceField } from './choice-field.tsx'

const OPTIONS = (Object.keys(LANGUAGES) as Language[]).map((tag) => ({
  value: tag,
  words: LANGUAGES[tag].name,
  lang: tag,
}))

export function LanguageField() {
  const choose = (wanted: Language) => chooseLanguage(wanted).catch((error) => announce(asRequestError(error).message))
  return (
    <ChoiceField
      label={t.language}
      value={language.value}
      options={OPTIONS}
      onChoose={(wanted) => void choose(wanted)}
    />
  )
}
