/** How the page speaks and looks at this browser. */
import { ChoiceField } from '../components/choice-field.tsx'
import { LanguageField } from '../components/language-field.tsx'
import { t } from '../messages.ts'
import { THEMES, theme } from '../state/theme.ts'

export function Appearance() {
  return (
    <div class="setting-form">
      <LanguageField />
      <ChoiceField
        label={t.theme}
        value={theme.value}
        options={THEMES.map((value) => ({ value, words: t.themes[value] }))}
        onChoose={(wanted) => {
          theme.value = wanted
        }}
      />
    </div>
  )
}
