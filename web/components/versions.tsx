/** ‹ 2/3 › — the way through the versions of a question or of its answer. */
import { t } from '../messages.ts'
import { choose } from '../state/conversation.ts'
import { Icon } from './icon.tsx'

interface VersionsProps {
  /** What there are versions of, for who does not see where this stands. */
  label: string
  /** What `choose` names: the place of a question, or the question of an answer. */
  of: string
  versions: readonly (string | number)[]
  index: number
}

export function Versions({ label, of, versions, index }: VersionsProps) {
  if (versions.length < 2) return null
  const step = (to: number) => {
    const version = versions[to]
    if (version !== undefined) choose(of, version)
  }
  return (
    <fieldset class="versions" aria-label={label}>
      <button
        type="button"
        class="button bare"
        aria-label={t.versionPrevious}
        aria-disabled={index === 0}
        onClick={() => step(index - 1)}
      >
        <Icon name="previous" />
      </button>
      <span aria-live="polite">{t.versionOf(index + 1, versions.length)}</span>
      <button
        type="button"
        class="button bare"
        aria-label={t.versionNext}
        aria-disabled={index === versions.length - 1}
        onClick={() => step(index + 1)}
      >
        <Icon name="next" />
      </button>
    </fieldset>
  )
}
