/** How the page is looked at: as it looks, its text or both, and how close. */
import { Icon } from '../components/icon.tsx'
import { t } from '../messages.ts'
import { changeZoom, chooseLook, LOOKS, look, zoom } from '../state/reader.ts'

export function LookBar({ isPaper }: { isPaper: boolean }) {
  return (
    <div class="look-bar">
      <fieldset class="looks">
        <legend class="unseen">{t.look}</legend>
        {LOOKS.map((one) => (
          <label key={one}>
            <input type="radio" name="look" checked={look.value === one} onChange={() => chooseLook(one)} />
            <span>{one === 'picture' && !isPaper ? t.lookFormatted : t.looks[one]}</span>
          </label>
        ))}
      </fieldset>
      {isPaper && look.value !== 'text' && (
        <div class="zoom">
          <button type="button" class="button bare" aria-label={t.zoomOut} onClick={() => changeZoom(-1)}>
            <Icon name="minus" />
          </button>
          <button type="button" class="button plain zoom-now" onClick={() => changeZoom(0)}>
            {t.percent(zoom.value * 100)}
            <span class="unseen"> {t.zoomFit}</span>
          </button>
          <button type="button" class="button bare" aria-label={t.zoomIn} onClick={() => changeZoom(1)}>
            <Icon name="plus" />
          </button>
        </div>
      )}
    </div>
  )
}
