/** Questions with their answers, and the box for the next one. */
import { Composer } from '../components/composer.tsx'
import { ExchangeView } from '../components/exchange.tsx'
import { t } from '../messages.ts'
import { exchanges } from '../state/conversation.ts'
import { beingRead, isLoaded, kept } from '../state/documents.ts'
import { AddButton } from './documents-pane.tsx'

export function ConversationPane() {
  return (
    <section class="conversation" aria-label={t.conversation}>
      <div class="exchanges">
        {exchanges.value.length === 0 && <Welcome />}
        {exchanges.value.map((exchange, i) => (
          <ExchangeView key={exchange.key} exchange={exchange} isLast={i === exchanges.value.length - 1} />
        ))}
      </div>
      <Composer />
    </section>
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
    </div>
  )
}
