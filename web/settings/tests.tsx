/** Pinned answers: whether they are still given, and why not. */
import { useSignal } from '@preact/signals'
import { t } from '../messages.ts'
import type { TestAnswer } from '../wire.ts'
import { ListEnd } from './list-end.tsx'
import { type RemoteList, useRemoteList } from './remote-list.ts'
import { settings } from './requests.ts'

export function Tests() {
  const list = useRemoteList(settings.tests)
  const isRunning = useSignal(false)
  const run = async () => {
    if (isRunning.peek()) return
    isRunning.value = true
    await list.change(settings.runTests)
    isRunning.value = false
  }
  const tests = list.items.value
  return (
    <>
      {tests.length > 0 && (
        <p class="setting-actions">
          <button type="button" class="button" aria-disabled={isRunning.value} onClick={() => void run()}>
            {t.runTests}
          </button>
        </p>
      )}
      <p role="status">{isRunning.value ? t.testsRunning : wordsFor(tests)}</p>
      <ul class="setting-rows">
        {tests.map((test) => (
          <TestRow key={test.id} test={test} list={list} />
        ))}
      </ul>
      <ListEnd list={list} />
    </>
  )
}

function wordsFor(tests: readonly TestAnswer[]): string {
  if (tests.length === 0) return t.testsNone
  const ran = tests.filter(({ isPassed }) => isPassed !== null)
  return ran.length === 0 ? '' : t.testsPassed(ran.filter(({ isPassed }) => isPassed).length, ran.length)
}

function TestRow({ test, list }: { test: TestAnswer; list: RemoteList<TestAnswer> }) {
  const { id, question, document, mustRefuse, isPassed, reasons, ranAt } = test
  return (
    <li>
      <bdi>{question}</bdi>
      <span class="quiet">
        {verdictOf(isPassed)}
        {ranAt !== null && ` · ${t.testRan(new Date(ranAt))}`}
        {mustRefuse ? ` · ${t.testRefuses}` : document !== null && ` · ${document}`}
      </span>
      <button
        type="button"
        class="button small"
        aria-label={t.removeNamed(question)}
        onClick={() => void list.change(() => settings.removeTest(id))}
      >
        {t.remove}
      </button>
      {reasons.length > 0 && (
        <ul class="whole">
          {reasons.map((reason) => (
            <li key={reason} class="problem">
              {reason}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

function verdictOf(isPassed: boolean | null): string {
  if (isPassed === null) return t.testNotRun
  return isPassed ? t.testPassed : t.testFailed
}
