/** A cookie over plain http to another machine can be read on the way; the page says so instead of hoping. */
import { t } from '../messages.ts'

const OWN_NAMES = new Set(['localhost', '127.0.0.1', '[::1]'])
const isPlain =
  location.protocol === 'http:' && !OWN_NAMES.has(location.hostname) && !location.hostname.endsWith('.localhost')

export function ConnectionNote() {
  return isPlain ? <p class="banner">{t.notEncrypted}</p> : null
}
