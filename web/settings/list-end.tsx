import { t } from '../messages.ts'
import type { RemoteList } from './remote-list.ts'

/** What stands under a list: the way to its rest, and what went wrong. */
export function ListEnd({ list }: { list: Pick<RemoteList<unknown>, 'next' | 'more' | 'problem'> }) {
  return (
    <>
      {list.next.value !== null && (
        <button type="button" class="button small" onClick={() => void list.more()}>
          {t.showMore}
        </button>
      )}
      {list.problem.value !== null && (
        <p class="problem" role="alert">
          {list.problem}
        </p>
      )}
    </>
  )
}
