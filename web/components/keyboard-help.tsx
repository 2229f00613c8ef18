/** The keys of the page, by `?` or by the button in the header. */
import { signal } from '@preact/signals'
import { t } from '../messages.ts'
import { Modal } from './modal.tsx'

const isOpen = signal(false)

const KEYS = [
  ['/', 'question'],
  ['Enter', 'ask'],
  ['Shift Enter', 'newLine'],
  ['Ctrl K', 'palette'],
  ['Ctrl Shift O', 'newChat'],
  ['Escape', 'escape'],
  ['[ ]', 'quotes'],
  ['← →', 'pages'],
  ['+ - 0', 'zoom'],
  ['?', 'help'],
] as const

export function openKeyboardHelp(): void {
  isOpen.value = true
}

export function KeyboardHelp() {
  if (!isOpen.value) return null
  const close = () => {
    isOpen.value = false
  }
  return (
    <Modal title={t.keyboard} onClose={close}>
      <dl>
        {KEYS.map(([keys, meaning]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t.keyMeanings[meaning]}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  )
}
