/** Which view is shown is a matter of the session alone. */
import { effect } from '@preact/signals'
import { forgetDraft } from '../components/composer.tsx'
import { announcement } from '../state/announcer.ts'
import { forgetConversation } from '../state/conversation.ts'
import { followDocuments } from '../state/documents.ts'
import { close } from '../state/reader.ts'
import { session } from '../state/session.ts'
import { dropUploads } from '../state/uploads.ts'
import { Opening } from './opening.tsx'
import { SetUp } from './set-up.tsx'
import { SignIn } from './sign-in.tsx'
import { Workspace } from './workspace.tsx'

export function App() {
  return (
    <>
      <View />
      <p class="unseen" role="status">
        {announcement}
      </p>
    </>
  )
}

function View() {
  const now = session.value
  switch (now.state) {
    case 'unknown':
      return <Opening />
    case 'unreachable':
      return <Opening reason={now.reason} />
    case 'setup':
      return <SetUp code={now.code} />
    case 'signed-out':
      return <SignIn needsSetup={now.needsSetup} />
    case 'signed-in':
      return <Workspace person={now.person} />
  }
}

/** What is followed and kept belongs to the person; the next one at this browser starts with nothing. */
effect(() => {
  const now = session.value
  if (now.state !== 'signed-in') return
  const abort = new AbortController()
  void followDocuments(now.person.id, abort.signal)
  return () => {
    abort.abort()
    dropUploads()
    forgetConversation()
    forgetDraft()
    close()
  }
})
