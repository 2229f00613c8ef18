/** Where one is signed in; elsewhere one can be signed out from here. */
import { t } from '../messages.ts'
import { ListEnd } from './list-end.tsx'
import { useRemoteList } from './remote-list.ts'
import { settings } from './requests.ts'

export function Sessions() {
  const list = useRemoteList(settings.sessions)
  return (
    <>
      <ul class="setting-rows">
        {list.items.value.map(({ id, userAgent, lastSeenAt, isCurrent }) => (
          <li key={id}>
            <span>{browserOf(userAgent)}</span>
            <span class="quiet">{isCurrent ? t.thisBrowser : t.lastSeen(new Date(lastSeenAt))}</span>
            {!isCurrent && (
              <button
                type="button"
                class="button small"
                aria-label={t.signOutOf(browserOf(userAgent))}
                onClick={() => void list.change(() => settings.endSession(id))}
              >
                {t.signOut}
              </button>
            )}
          </li>
        ))}
      </ul>
      <ListEnd list={list} />
    </>
  )
}

/** The first that matches: browsers name their ancestors too. */
const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
] as const
const SYSTEMS = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
] as const

function browserOf(userAgent: string | null): string {
  const browser = BROWSERS.find(([sign]) => sign.test(userAgent ?? ''))?.[1]
  const system = SYSTEMS.find(([sign]) => sign.test(userAgent ?? ''))?.[1]
  if (browser === undefined) return userAgent?.slice(0, 60) ?? t.unknownBrowser
  return system === undefined ? browser : t.browserOn(browser, system)
}
