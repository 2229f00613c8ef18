/** The settings: how the page looks, where one is signed in and one's keys; for administrators also the people and the server. Loaded when asked for. */
import '../styles/settings.css'
import type { ComponentChildren } from 'preact'
import { useId } from 'preact/hooks'
import { t } from '../messages.ts'
import type { MeAnswer } from '../wire.ts'
import { Appearance } from './appearance.tsx'
import { Keys } from './keys.tsx'
import { Model } from './model.tsx'
import { Password } from './password.tsx'
import { People } from './people.tsx'
import { Personas } from './personas.tsx'
import { Server } from './server.tsx'
import { Sessions } from './sessions.tsx'
import { Tests } from './tests.tsx'
import { Tokens } from './tokens.tsx'

export function Settings({ person }: { person: MeAnswer }) {
  return (
    <>
      <p class="quiet">{t.signedInAs(person.username)}</p>
      <Tokens />
      <Section title={t.appearance}>
        <Appearance />
      </Section>
      <Section title={t.passwordTitle} lead={t.passwordLead}>
        <Password />
      </Section>
      <Section title={t.sessions}>
        <Sessions />
      </Section>
      <Section title={t.personas} lead={t.personasLead}>
        <Personas />
      </Section>
      <Section title={t.tests} lead={t.testsLead}>
        <Tests />
      </Section>
      <Section title={t.keysTitle} lead={t.keysLead}>
        <Keys />
      </Section>
      {person.role === 'administrator' && (
        <>
          <Section title={t.model} lead={t.modelLead}>
            <Model />
          </Section>
          <Section title={t.people}>
            <People me={person} />
          </Section>
          <Section title={t.server}>
            <Server />
          </Section>
        </>
      )}
    </>
  )
}

function Section({ title, lead, children }: { title: string; lead?: string; children: ComponentChildren }) {
  const id = useId()
  return (
    <section class="setting" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {lead !== undefined && <p class="quiet">{lead}</p>}
      {children}
    </section>
  )
}
