/** Questions with their answers, and the box for the next one. */
import { useEffect, useRef } from 'preact/hooks'
import { isNewest } from '../branches.ts'
import { AddButton } from '../components/add-documents.tsx'
import { AskingChoices, Composer } from '../components/composer.tsx'
import { ExchangeView } from '../components/exchange.tsx'
import { Starters } from '../components/suggested-questions.tsx'
import { t } from '../messages.ts'
import { exchanges, loadEarlier, loadHistory, openChat, opened, path } from '../state/conversation.ts'
import { beingRead, isLoaded, kept } from '../state/documents.ts'

export function ConversationPane() {
  const list = useRef<HTMLDivElement>(null)
  const conversation = opened.value
  const isShown = conversation.history.value.state === 'shown'
  // An earlier chat is entered where it was left: at its last question.
  useEffect(() => {
    if (isShown && exchanges.peek().length > 0) list.current?.lastElementChild?.scrollIntoView({ block: 'start' })
  }, [conversation, isShown])
  return (
    <section class="conversation" aria-label={t.conversation}>
      <div class="exchanges" ref={list}>
        <Beginning />
        {path.value.map((place, i) => (
          <ExchangeView key={place.shown.key} place={place} isLast={i === path.value.length - 1} />
        ))}
        {!isNewest(path.value) && <p class="quiet">{t.earlierVersion}</p>}
      </div>
      <AskingChoices />
      <Composer />
    </section>
  )
}

/** What stands above the first exchange: a welcome in a new chat, the way to the rest in a long one. */
function Beginning() {
  const { history, earlier } = opened.value
  const now = history.value
  if (now.state === 'loading') return <p class="quiet late">{t.loading}</p>
  if (now.state === 'failed') return <HistoryTrouble reason={now.reason} isGone={now.isGone} />
  if (earlier.value !== null) {
    return (
      <button type="button" class="button small earlier" onClick={() => void loadEarlier()}>
        {t.historyEarlier}
      </button>
    )
  }
  return exchanges.value.length === 0 ? <Welcome /> : null
}

function HistoryTrouble({ reason, isGone }: { reason: string; isGone: boolean }) {
  return (
    <div class="trouble" role="alert">
      <p>{isGone ? t.chatGone : `${t.historyFailed} ${reason}`}</p>
      <button type="button" class="button small" onClick={() => (isGone ? openChat(null) : void loadHistory())}>
        {isGone ? t.newChat : t.tryAgain}
      </button>
    </div>
  )
}

function Welcome() {
  const documents = kept.value.length
  const isReading = documents > 0 && documents === beingRead.value.length
  return (
    <div class="welcome">
      <h2>{t.welcome}</h2>
      {isLoaded.value && (
        <p class="lead">
          {documents === 0 ? t.welcomeEmpty : isReading ? t.welcomeReading : t.welcomeReady(documents)}
        </p>
      )}
      {isLoaded.value && documents === 0 && <AddButton />}
      {isLoaded.value && documents > 0 && <Starters />}
    </div>
  )
}
