/** A button that shows further ones. Escape and a press elsewhere put them away. */
import { useSignal } from '@preact/signals'
import { useEffect, useId, useRef } from 'preact/hooks'
import { Icon, type IconName } from './icon.tsx'

export interface MenuAction {
  readonly icon: IconName
  readonly words: string
  act(): void
}

export function Menu({ label, actions }: { label: string; actions: readonly MenuAction[] }) {
  const isOpen = useSignal(false)
  const id = useId()
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const isShown = isOpen.value
  useEffect(() => {
    if (!isShown) return
    const onPress = ({ target }: Event) => {
      if (!menu.current?.contains(target as Node)) isOpen.value = false
    }
    document.addEventListener('pointerdown', onPress)
    return () => document.removeEventListener('pointerdown', onPress)
  }, [isShown, isOpen])
  return (
    // Keys and focus of the buttons inside are heard here.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above.
    <div
      ref={menu}
      class="menu"
      onFocusOut={({ relatedTarget }) => {
        if (relatedTarget !== null && !menu.current?.contains(relatedTarget as Node)) isOpen.value = false
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !isShown) return
        event.preventDefault()
        event.stopPropagation() // It closes this and nothing else.
        isOpen.value = false
        button.current?.focus()
      }}
    >
      <button
        ref={button}
        type="button"
        class="button bare"
        aria-label={label}
        aria-expanded={isShown}
        aria-controls={id}
        onClick={() => {
          isOpen.value = !isShown
        }}
      >
        <Icon name="more" />
      </button>
      <ul id={id} hidden={!isShown}>
        {actions.map(({ icon, words, act }) => (
          <li key={words}>
            <button
              type="button"
              onClick={() => {
                isOpen.value = false
                button.current?.focus()
                act()
              }}
            >
              <Icon name={icon} />
              {words}
            </button>
          </li>
        ))}
      </ul>
    </div>
  )
}
