/** What can be done with an answer that is there: copied, heard, judged, written once more. */
import { asRequestError } from '../api-client.ts'
import { t } from '../messages.ts'
import { announce } from '../state/announcer.ts'
import { current, regenerate, type ShownPlace } from '../state/conversation.ts'
import type { Exchange } from '../state/exchange.ts'
import { CopyButton } from './copy-button.tsx'
import { Feedback } from './feedback.tsx'
import { Icon } from './icon.tsx'
import { ListenButton } from './listen-button.tsx'
import { Versions } from './versions.tsx'

export function AnswerTools({ place, isLast }: { place: ShownPlace; isLast: boolean }) {
  const { exchange } = place.shown
  const { answers, turnId } = place
  const isThere = exchange.state.value === 'complete' && !exchange.isNotFound.value
  const mayRepeat = isLast && current.value === null && exchange.isWritten.value
  if (!isThere && answers.length < 2) return null
  return (
    <div class="answer-actions">
      <Versions
        label={t.versionsOfAnswer}
        of={turnId}
        versions={answers.map(({ key }) => key)}
        index={answers.indexOf(place.shown)}
      />
      {isThere && (
        <>
          <CopyButton text={exchange.text.value} citations={exchange.citations.value} />
          <ListenButton text={exchange.text.value} />
        </>
      )}
      {isThere && mayRepeat && (
        <button type="button" class="button small plain" onClick={() => void writeAgain(exchange)}>
          <Icon name="again" />
          {t.regenerate}
        </button>
      )}
      {isThere && <Feedback key={exchange.key} exchange={exchange} />}
    </div>
  )
}

export async function writeAgain(exchange: Exchange): Promise<void> {
  await regenerate(exchange).catch((error) => announce(asRequestError(error).message))
}
