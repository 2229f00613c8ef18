/** The card in front of the door: set-up, sign-in, and what keeps one out. */
import type { ComponentChildren } from 'preact'
import { Brand } from './brand.tsx'
import { ConnectionNote } from './connection-note.tsx'
import { LanguageField } from './language-field.tsx'

export function Gate({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  return (
    <main class="gate">
      <ConnectionNote />
      <div class="gate-card">
        <Brand />
        <h1>{title}</h1>
        {lead !== undefined && <p class="lead">{lead}</p>}
        {children}
        <LanguageField />
      </div>
    </main>
  )
}
