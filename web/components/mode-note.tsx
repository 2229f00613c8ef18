/** What the server does not do at the moment, while it is short of something, so that nobody waits for it in vain. */
import { t } from '../messages.ts'
import { serverMode } from '../state/server-mode.ts'

/** Among what is left out first is nothing that anybody would notice. */
const NOTICED = 3

export function ModeNote() {
  const told = serverMode.value
  const words = told === null ? null : wordsFor(told)
  return (
    <p class="banner" role="status" hidden={words === null} title={told?.reason ?? undefined}>
      {words}
    </p>
  )
}

function wordsFor({ mode, leftOut }: NonNullable<typeof serverMode.value>): string | null {
  switch (mode) {
    case 'inline':
      return t.serverModes.inline
    case 'quotes only':
      return t.serverModes.quotesOnly
    case 'read only':
      return t.serverModes.readOnly
    case 'background':
      return leftOut.length >= NOTICED ? t.serverModes.documentsWait : null
  }
}
