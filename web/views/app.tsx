/** Which view is shown is a matter of the session alone. */
import { effect } from '@preact/signals'
import { leaveAddress } from '../state/address.ts'
import { announcement } from '../state/announcer.ts'
import { chats, dropChat, forgetChats, listenToWindows, loadChats } from '../state/chats.ts'
import { useAll } from '../state/choice.ts'
import { forgetChat, forgetConversations, hearFromWindow, openAddressed, opened } from '../state/conversation.ts'
import { followDocuments } from '../state/documents.ts'
import { forgetDrafts } from '../state/drafts.ts'
import { forgetPersonas, loadPersonas } from '../state/personas.ts'
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

/** What the window is called among others. */
effect(() => {
  const id = opened.value.id.value
  const chat = chats.value.find((other) => other.id === id)
  document.title = chat === undefined ? 'KnowBot' : `${chat.title} · KnowBot`
})

let lastPersonId: string | undefined

/** What is followed and kept belongs to the person; the next one at this browser starts with nothing. */
effect(() => {
  const now = session.value
  if (now.state !== 'signed-in') return
  // The address may name a chat of whoever was here before.
  if (lastPersonId !== undefined && lastPersonId !== now.person.id) leaveAddress()
  lastPersonId = now.person.id
  const abort = new AbortController()
  followChats(abort.signal)
  void loadPersonas()
  void followDocuments(now.person.id, abort.signal)
  return () => {
    abort.abort()
    dropUploads()
    forgetConversations()
    forgetChats()
    forgetPersonas()
    forgetDrafts()
    useAll(true)
    close()
  }
})

function followChats(signal: AbortSignal): void {
  void loadChats()
  openAddressed()
  addEventListener('popstate', openAddressed, { signal })
  listenToWindows((told) => {
    switch (told.type) {
      case 'said':
        return hearFromWindow(told.chatId)
      case 'listed':
        return void loadChats()
      case 'removed':
        dropChat(told.chatId)
        forgetChat(told.chatId)
    }
  }, signal)
}
