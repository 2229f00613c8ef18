import { formatsOf } from './formats.ts'
import type { Translation } from './languages.ts'
import { explained } from './problems.ts'

const { number, percent, count, form, list, when, tookMs, megabytes } = formatsOf('de')

const errors = {
  wrong_credentials: 'Name und Passwort passen nicht zusammen.',
  wrong_setup_code:
    'Dieser Link wurde schon benutzt oder ist nicht der neueste. Nehmen Sie den, den der Server beim letzten Start ausgegeben hat.',
  cross_site:
    'Der Browser hat das von einer anderen Adresse gesendet. Öffnen Sie die Seite über die Adresse, die der Server ausgegeben hat.',
  unauthenticated: 'Sie sind abgemeldet. Melden Sie sich an, um fortzufahren.',
  interrupted: 'Der Server wurde beim Schreiben unterbrochen. Das Geschriebene ist gespeichert.',
  overloaded: 'Der Server ist gerade ausgelastet. Versuchen Sie es gleich noch einmal.',
  storage_busy: 'Der Server ist gerade ausgelastet. Versuchen Sie es gleich noch einmal.',
  shutting_down: 'Der Server startet neu. Versuchen Sie es gleich noch einmal.',
  disk_full: 'Der Speicherplatz ist fast voll, deshalb wird nichts Neues angenommen. Fragen geht weiterhin.',
  internal: 'Im Server ist etwas schiefgegangen; Näheres steht in seinem Protokoll. Versuchen Sie es noch einmal.',
}

const reasons = {
  password_needed: 'Passwort erforderlich',
  wrong_password: 'das Passwort hat sie nicht geöffnet',
  document_damaged: 'die Datei ist beschädigt',
  document_empty: 'die Datei ist leer',
  no_readable_text: 'kein lesbarer Text darin',
  unsupported_file_type: 'diese Art von Datei kann nicht gelesen werden',
  image_too_large: 'das Bild hat zu viele Pixel',
  out_of_memory: 'zum Lesen reicht der Arbeitsspeicher nicht',
  read_timeout: 'das Lesen hat zu lange gedauert',
  reader_crashed: 'das Lesen ist immer wieder abgebrochen',
  interrupted: 'das Lesen wurde unterbrochen',
  cancelled: 'das Lesen wurde abgebrochen',
  internal: 'ein Fehler unsererseits',
}

const problem = explained({
  bad_request: 'Diese Anfrage hat der Server nicht verstanden.',
  body_too_large: 'Das ist mehr, als der Server auf einmal annimmt.',
  forbidden: 'Dazu fehlt Ihnen die Berechtigung.',
  not_found: 'Das gibt es nicht (mehr), oder es gehört jemand anderem.',
  conflict: 'Das gibt es schon, oder es ist gerade nicht möglich.',
  rate_limited: 'Zu viele Versuche. Warten Sie einen Moment.',
  document_too_large: 'Die Datei ist größer als erlaubt.',
  unsupported_file_type: 'Diese Art von Datei kann nicht gelesen werden.',
  document_empty: 'Die Datei ist leer.',
  language_unavailable: 'Für diese Sprache fehlen die Daten der Texterkennung.',
  model_unreachable: 'Der Modell-Server ist nicht erreichbar.',
  model_refused: 'Der Modell-Server hat die Anfrage abgelehnt.',
  model_timeout: 'Der Modell-Server hat nicht rechtzeitig geantwortet.',
  model_broken: 'Der Modell-Server hat etwas geantwortet, das keine Antwort ist.',
  page_unreadable: 'Die Seite konnte nicht gelesen werden.',
  unavailable: 'Diesem Rechner fehlt, was dafür gebraucht wird.',
})

export const german: Translation = {
  errors,
  reasons,
  problem,
  unreachable: 'Der Server ist nicht erreichbar. Prüfen Sie, ob er läuft, und versuchen Sie es noch einmal.',
  unexpectedAnswer: (status: number) =>
    `Der Server hat etwas geantwortet, das diese Seite nicht kennt (${status}). Versuchen Sie es noch einmal.`,

  chats: 'Chats',
  newChat: 'Neuer Chat',
  newShort: 'Neu',
  chatsEmpty: 'Was Sie fragen, wird hier aufgehoben.',
  chatsFailed: 'Die Liste der Chats konnte nicht geladen werden.',
  moreChats: 'Frühere Chats anzeigen',
  chatTitle: 'Titel des Chats',
  renameNamed: (title: string) => `${title} umbenennen`,
  save: 'Speichern',
  keep: 'Behalten',
  deleteChat: 'Endgültig löschen',
  deleteChatSure: 'Diesen Chat mit allem, was darin gesagt wurde, löschen?',
  chatGone: 'Diesen Chat gibt es nicht mehr, oder er gehört jemand anderem.',
  historyFailed: 'Der Verlauf konnte nicht geladen werden.',
  historyEarlier: 'Früheres anzeigen',

  skipToAsk: 'Zur Frage springen',
  documents: 'Dokumente',
  conversation: 'Fragen',
  areas: 'Bereiche der Seite',
  loading: 'Einen Moment …',
  tryAgain: 'Noch einmal',
  close: 'Schließen',

  reconnecting: 'Die Verbindung zum Server ist unterbrochen. Neuer Versuch läuft von selbst …',
  notEncrypted: 'Diese Verbindung ist nicht verschlüsselt: Wer im selben Netz ist, könnte mitlesen.',

  name: 'Name',
  password: 'Passwort',
  showPassword: 'Anzeigen',
  hidePassword: 'Verbergen',
  signIn: 'Anmelden',
  signingIn: 'Anmeldung läuft …',
  signOut: 'Abmelden',
  signedInAs: (name: string) => `Angemeldet als ${name}`,
  signInLead: 'Ihre Dokumente warten schon.',
  signInNobody: 'Hier hat noch niemand ein Konto.',
  signInFirst: 'Für das erste öffnen Sie den Link, den der Server beim Start ausgegeben hat.',
  setupTitle: 'Richten Sie sich ein',
  setupLead: 'Wählen Sie Name und Passwort. Sie verwalten dann diesen KnowBot.',
  setupPasswordHint: 'Mindestens 12 Zeichen. Ein paar Wörter hintereinander merkt man sich leicht.',
  setupButton: 'Loslegen',
  setupWorking: 'Wird eingerichtet …',
  setupHaveAccount: 'Stattdessen anmelden',
  fieldMissing: 'Bitte füllen Sie beide Felder aus.',
  passwordShort: (characters: number, min: number) =>
    `Erwartet werden mindestens ${number(min)} Zeichen, es sind ${number(characters)}.`,

  add: 'Hinzufügen',
  addDocuments: 'Dokumente hinzufügen',
  dropHere: 'Loslassen zum Hinzufügen',
  firstDocument: 'Ziehen Sie ein Dokument hierher',
  firstDocumentLead:
    'PDF, Scans und Fotos von Text, Markdown, HTML, reiner Text. Solange kein Modell eingerichtet ist, verlässt nichts diesen Rechner.',
  filter: 'Nach Namen filtern',
  filterNothing: 'Kein Dokument hat das im Namen.',
  dropHint: 'Dateien können Sie überall auf dieser Seite fallen lassen.',
  listFailed: 'Die Liste der Dokumente konnte nicht geladen werden.',
  showMore: 'Mehr anzeigen',

  uploadWaiting: 'wartet auf das Hochladen',
  moreUploads: (files: number) =>
    `${count(files, { one: '# weitere Datei wartet', other: '# weitere Dateien warten' })} auf das Hochladen`,
  uploading: (done: number) => `wird hochgeladen, ${percent(done)}`,
  refused: (reason: string) => `Nicht hinzugefügt. ${reason}`,
  queued: 'wartet auf das Lesen',
  readingStarts: 'wird gelesen',
  readingPage: (page: number, total: number | null) =>
    total === null ? `liest Seite ${number(page)}` : `liest Seite ${number(page)} von ${number(total)}`,
  ready: (pages: number) => `bereit · ${count(pages, { one: '# Seite', other: '# Seiten' })}`,
  readyUnreadable: (unreadable: number) =>
    `bereit, ${count(unreadable, { one: '# Seite', other: '# Seiten' })} unlesbar`,
  readyStill: (words: string, reason: string) => `${words}; erneutes Lesen ist fehlgeschlagen: ${reason}`,
  failed: (reason: string) => `fehlgeschlagen: ${reason}`,
  alreadyHere: 'war schon da',
  cancelUpload: (name: string) => `Hochladen von ${name} abbrechen`,
  retryNamed: (name: string) => `Noch einmal: ${name}`,
  dismissNamed: (name: string) => `Ausblenden: ${name}`,
  deleteNamed: (name: string) => `${name} löschen`,
  deleted: 'gelöscht',
  undo: 'Rückgängig',
  undoNamed: (name: string) => `Rückgängig: ${name} zurückholen`,
  passwordOf: (name: string) => `Passwort von ${name}`,
  passwordKept: 'Wird einmal zum Öffnen der Datei benutzt und nie gespeichert.',
  useNamed: (name: string) => `${name} für Antworten verwenden`,
  usedOf: (used: number, all: number) => `Antworten kommen aus ${number(used)} von ${number(all)}.`,
  useAll: 'Alle verwenden',
  useNone: 'Kein Dokument ist angekreuzt, also gibt es nichts, woraus geantwortet werden könnte.',
  openDocument: 'Öffnen',
  openNamed: (name: string) => `Text von ${name} zeigen`,

  question: 'Ihre Frage',
  questionPlaceholder: 'Fragen Sie Ihre Dokumente …',
  ask: 'Fragen',
  stop: 'Anhalten',
  askHint: 'Enter fragt, Umschalt + Enter beginnt eine neue Zeile',
  welcome: 'Was möchten Sie wissen?',
  welcomeEmpty: 'Fügen Sie ein Dokument hinzu und fragen Sie dann, was Sie wollen.',
  welcomeReading:
    'Ihre Dokumente werden gelesen. Sie können schon fragen; Seiten kommen dazu, sobald sie gelesen sind.',
  welcomeReady: (documents: number) =>
    `Fragen Sie in Ihren eigenen Worten. Die Antwort kommt aus ${form(documents, {
      one: 'Ihrem Dokument',
      other: `Ihren ${number(documents)} Dokumenten`,
    })}, mit den Stellen, auf denen sie beruht.`,
  searching: 'Ihre Dokumente werden durchsucht …',
  tookMs,
  quote: 'Zitat',
  quoteOf: (n: number, name: string, page: number) => `Zitat ${number(n)}: in ${name} auf Seite ${number(page)} zeigen`,
  place: (page: number) => `Seite ${number(page)}`,
  notFoundTitle: 'In Ihren Dokumenten nicht gefunden',
  notFoundLead:
    'Nichts darin beantwortet das. Andere Wörter könnten helfen: Namen, Zahlen oder Begriffe, wie sie im Text stehen.',
  notFoundNoDocuments:
    'Noch gibt es keine Dokumente, in denen gesucht werden könnte. Fügen Sie eines hinzu und fragen Sie dann noch einmal.',
  notFoundNoneReadable: 'Keines der Dokumente konnte gelesen werden; die Liste sagt, warum.',
  closestPassages: 'Die ähnlichsten Stellen',
  soFar: (names: string[]) =>
    names.length > 2
      ? `Beruht auf dem, was bisher gelesen ist: ${count(names.length, { one: '# Dokument wird', other: '# Dokumente werden' })} noch gelesen.`
      : `Beruht auf dem, was bisher gelesen ist: ${list(names)} ${names.length === 1 ? 'wird' : 'werden'} noch gelesen.`,
  modelSilent: (reason: string) => `Das Modell hat nicht geantwortet; hier sind deshalb die Stellen selbst. ${reason}`,
  unsupported: (sentences: number) =>
    form(sentences, {
      one: 'Dieser Satz ist in Ihren Dokumenten nicht zu finden:',
      other: 'Diese Sätze sind in Ihren Dokumenten nicht zu finden:',
    }),
  stopped: 'Hier angehalten.',
  continueAnswer: 'Weiterschreiben',
  askAgain: 'Noch einmal fragen',
  queuedQuestion: 'Wird beantwortet, sobald die Frage darüber fertig ist.',
  withdraw: 'Zurückziehen',
  listen: 'Vorlesen',
  listenStop: 'Vorlesen beenden',
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyFailed: 'Der Browser hat das Kopieren nicht erlaubt.',
  answerFailed: 'Diesmal keine Antwort',
  answerBroken: 'Hier bricht die Antwort ab.',

  page: (page: number, total: number | null) =>
    total === null ? `Seite ${number(page)}` : `Seite ${number(page)} von ${number(total)}`,
  pagePrevious: 'Vorige Seite',
  pageNext: 'Nächste Seite',
  pageRecognised: (confidence: number | null) =>
    confidence === null ? 'Aus dem Bild gelesen' : `Aus dem Bild gelesen, zu ${percent(confidence)} sicher`,
  pageEmpty: 'Auf dieser Seite gibt es keinen lesbaren Text.',
  quoteNumberOf: (n: number, all: number) =>
    n === 0 ? count(all, { one: '# Zitat', other: '# Zitate' }) : `Zitat ${number(n)} von ${number(all)}`,
  quotePrevious: 'Voriges Zitat',
  quoteNext: 'Nächstes Zitat',
  original: 'Originaldatei',

  settings: 'Einstellungen',
  appearance: 'Sprache und Aussehen',
  language: 'Sprache',
  theme: 'Farben',
  themes: { system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
  sessions: 'Wo Sie angemeldet sind',
  thisBrowser: 'dieser Browser',
  unknownBrowser: 'Ein Browser, der nichts von sich sagt',
  browserOn: (browser: string, system: string) => `${browser} unter ${system}`,
  lastSeen: (date: Date) => `zuletzt gesehen ${when(date)}`,
  signOutOf: (browser: string) => `Von ${browser} abmelden`,
  keysTitle: 'Schlüssel für Programme',
  keysLead: 'Ein Schlüssel darf über die Schnittstelle in Ihrem Namen lesen, hinzufügen und fragen.',
  keyName: 'Wofür ist der neue Schlüssel?',
  makeKey: 'Schlüssel erstellen',
  keyOnce: 'Kopieren Sie den Schlüssel jetzt: Er wird nur dieses eine Mal gezeigt.',
  neverUsed: 'nie benutzt',
  lastUsed: (date: Date) => `zuletzt benutzt ${when(date)}`,
  revoke: 'Widerrufen',
  revokeNamed: (name: string) => `${name} widerrufen`,
  revokeSure: 'Programme, die ihn benutzen, werden ab sofort abgewiesen.',
  people: 'Personen',
  roles: { administrator: 'Verwaltung', member: 'Mitglied' },
  you: 'Sie',
  disabled: 'darf sich nicht anmelden',
  makeRole: (role: string) => `Rolle ändern: ${role}`,
  makeRoleNamed: (name: string, role: string) => `Rolle von ${name} ändern: ${role}`,
  remove: 'Entfernen',
  removeNamed: (name: string) => `${name} entfernen`,
  removeSure: (name: string) => `${name} mit allen eigenen Schlüsseln und Dokumenten entfernen?`,
  removeForGood: 'Endgültig entfernen',
  newPersonName: 'Name einer neuen Person',
  newPersonPassword: 'Ihr erstes Passwort',
  mayAdminister: 'Darf verwalten',
  addPerson: 'Person hinzufügen',
  server: 'Server',
  servingSince: (date: Date) => `In Betrieb seit ${when(date)}.`,
  processes: (web: number, readers: number) =>
    readers === 0
      ? `${count(web, { one: '# Prozess antwortet', other: '# Prozesse antworten' })}; einer, der Dokumente liest, startet, sobald es welche zu lesen gibt.`
      : `${count(web, { one: '# Prozess antwortet', other: '# Prozesse antworten' })}, ${count(readers, { one: '# liest', other: '# lesen' })} Dokumente.`,
  memoryUsed: (bytes: number) => `Zusammen belegen sie ${megabytes(bytes)} Arbeitsspeicher.`,
  work: (running: number, queued: number) =>
    running + queued === 0
      ? 'Nichts wartet darauf, gelesen zu werden.'
      : `${count(running, { one: '# Arbeit läuft', other: '# Arbeiten laufen' })}, ${form(queued, { one: `${number(queued)} wartet`, other: `${number(queued)} warten` })}.`,
  circuitOpen: 'Prozesse sind mehrmals hintereinander abgestürzt, deshalb wartet der nächste Start.',
  jobFailed: (date: Date, reason: string) => `${when(date)}: Eine Arbeit wurde aufgegeben. ${reason}`,
  processDied: (date: Date, role: string, cause: string) =>
    `${Number.isNaN(date.getTime()) ? '' : `${when(date)}: `}Ein Prozess ist abgestürzt (${role}, ${cause}).`,

  keyboard: 'Tastatur',
  keyMeanings: {
    question: 'zur Frage',
    ask: 'fragen',
    newLine: 'eine neue Zeile in der Frage',
    newChat: 'ein neuer Chat',
    escape: 'die Seite eines Dokuments schließen oder die Antwort anhalten',
    quotes: 'das vorige, das nächste Zitat',
    help: 'diese Liste',
  },

  announce: {
    ready: (name: string) => `${name} ist bereit.`,
    failed: (name: string, reason: string) => `${name} ist fehlgeschlagen: ${reason}.`,
    refused: (name: string, reason: string) => `${name} wurde nicht hinzugefügt. ${reason}`,
    deleted: (name: string) => `${name} gelöscht. Zehn Minuten lang lässt es sich rückgängig machen.`,
    restored: (name: string) => `${name} ist wieder da.`,
    chatDeleted: 'Chat gelöscht.',
    answerContinues: 'Die Antwort geht weiter.',
    answerStarted: 'Ihre Dokumente werden durchsucht.',
    answerFinished: (quotes: number) => `Antwort fertig, ${count(quotes, { one: '# Zitat', other: '# Zitate' })}.`,
    answerNotFound: 'In Ihren Dokumenten nicht gefunden.',
    answerStopped: 'Antwort angehalten.',
  },
}
