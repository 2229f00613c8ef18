/** Whether the next questions look in the web as well. Not shown where the server has no search engine for it; off until somebody says otherwise. */
import { t } from '../messages.ts'
import { canSearchWeb, isWebWanted } from '../state/web-choice.ts'

export function WebChoice() {
  if (!canSearchWeb.value) return null
  return (
    <label class="web-choice quiet">
      <input
        type="checkbox"
        checked={isWebWanted}
        onChange={({ currentTarget }) => {
          isWebWanted.value = currentTarget.checked
        }}
      />{' '}
      {t.webToo}
    </label>
  )
}
