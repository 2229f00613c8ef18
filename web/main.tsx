/** Boots the page: the styles, who is there, and the first view. */
import './styles/tokens.css'
import './styles/base.css'
import './styles/gate.css'
import './styles/workspace.css'
import './styles/chats.css'
import './styles/documents.css'
import './styles/conversation.css'
import './styles/answer.css'
import './styles/reader.css'
import './styles/print.css'
import { render } from 'preact'
import { openLanguage } from './messages.ts'
import { openSession } from './state/session.ts'
import './state/theme.ts'
import { App } from './views/app.tsx'

void openSession()
await openLanguage()
render(<App />, document.getElementById('page')!)
// The link of the start, opened where the page is open already, changes nothing but the hash. Other hashes are places in documents:
// asking anew who is there would close what they open.
addEventListener('hashchange', () => {
  if (location.hash.startsWith('#setup=')) void openSession()
})
