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
import { PinButton } from './pin-button.tsx'
import { Versions } from './versions.tsx'

export function AnswerTools({ place, isLast }: { place: ShownPlace; isLast: boolean }) {
  const { exchange } = place.shown
  const { answers, turnId } = place
  const isComplete = exchange.state.value === 'complete'
  const isThere = isComplete && !exchange.isNotFound.value
  const mayRepeat = isLast && current.value === null && exchange.isWritten.value
  if (!isComplete && answers.length < 2) return null
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
      {isComplete && <PinButton key={`pin-${exchange.key}`} exchange={exchange} />}
      {isComplete && <Feedback key={exchange.key} exchange={exchange} />}
    </div>
  )
}

export async function writeAgain(exchange: Exchange): Promise<void> {
  await regenerate(exchange).catch((error) => announce(asRequestError(error).message))
}
