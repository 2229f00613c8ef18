const when = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' })
const number = new Intl.NumberFormat('en')
const list = new Intl.ListFormat('en', { type: 'conjunction' })
const plurals = new Intl.PluralRules('en')

function count(value: number, one: string, other: string): string {
  return `${number.format(value)} ${plurals.select(value) === 'one' ? one : other}`
}

/** Codes whose sentence the page says better than the server, which does not know what the person was doing. */
const errors: Record<string, string> = {
  wrong_credentials: 'That name and that password do not belong together.',
  wrong_setup_code:
    'This link has been used or is not the newest. Use the one that the last start of the server printed.',
  cross_site: 'The browser sent this from another address. Open the page by the address that the server printed.',
  unauthenticated: 'You are signed out. Sign in to go on.',
  interrupted: 'The server was interrupted while it wrote. What was written is kept.',
  overloaded: 'The server has its hands full. Try again in a moment.',
  storage_busy: 'The server has its hands full. Try again in a moment.',
  shutting_down: 'The server is restarting. Try again in a moment.',
  disk_full: 'The disk is nearly full, so nothing new is taken in. Asking works.',
  internal: 'Something went wrong in the server, and its log says what. Try again.',
}

/** Why a document failed, in as few words as fit beside its name. */
const reasons: Record<string, string> = {
  password_needed: 'password needed',
  wrong_password: 'that password did not open it',
  document_damaged: 'the file is damaged',
  document_empty: 'the file is empty',
  no_readable_text: 'no readable text in it',
  unsupported_file_type: 'not a kind of file that can be read',
  image_too_large: 'the image has too many pixels',
  out_of_memory: 'reading it takes more memory than there is',
  read_timeout: 'reading it took too long',
  reader_crashed: 'the reader gave up on it',
  interrupted: 'reading was interrupted',
  cancelled: 'reading was stopped',
  internal: 'a mistake of ours',
}

export const english = {
  errors,
  reasons,
  unreachable: 'The server cannot be reached. Look whether it is running, then try again.',
  unexpectedAnswer: (status: number) =>
    `The server gave an answer that this page does not know (${status}). Try again.`,

  chats: 'Chats',
  newChat: 'New chat',
  newShort: 'New',
  chatsEmpty: 'What you ask is kept here.',
  chatsFailed: 'The list of chats could not be loaded.',
  moreChats: 'Show earlier chats',
  chatTitle: 'Title of the chat',
  renameNamed: (title: string) => `Rename ${title}`,
  save: 'Save',
  keep: 'Keep',
  deleteChat: 'Delete for good',
  deleteChatSure: 'Delete this chat and all that was said in it?',
  chatGone: 'This chat is not there any more, or it is somebody else’s.',
  historyFailed: 'What was said here could not be loaded.',
  historyEarlier: 'Show what was said earlier',

  skipToAsk: 'Skip to the question',
  documents: 'Documents',
  conversation: 'Ask',
  areas: 'Areas of the page',
  loading: 'One moment …',
  tryAgain: 'Try again',
  dismiss: 'Dismiss',
  close: 'Close',

  reconnecting: 'The line to the server is down. Trying again by itself …',
  notEncrypted: 'This connection is not encrypted: whoever shares your network could read along.',

  name: 'Name',
  password: 'Password',
  showPassword: 'Show',
  hidePassword: 'Hide',
  signIn: 'Sign in',
  signingIn: 'Signing in …',
  signOut: 'Sign out',
  signedInAs: (name: string) => `Signed in as ${name}`,
  signInLead: 'Your documents are waiting.',
  signInNobody: 'Nobody has an account here yet.',
  signInFirst: 'To make the first one, open the link that the server printed when it started.',
  setupTitle: 'Make it yours',
  setupLead: 'Choose a name and a password. You will be the administrator of this KnowBot.',
  setupPasswordHint: 'At least 12 characters. A few words in a row are easy to keep in mind.',
  setupButton: 'Begin',
  setupWorking: 'Setting up …',
  setupHaveAccount: 'Sign in instead',
  fieldMissing: 'Please fill in both fields.',
  passwordShort: (characters: number, min: number) => `Expected at least ${min} characters, got ${characters}.`,

  add: 'Add',
  addDocuments: 'Add documents',
  dropHere: 'Let go to add them',
  firstDocument: 'Drop a document here',
  firstDocumentLead:
    'PDF, scans and photos of text, Markdown, HTML, plain text. Nothing leaves this machine until a model is added.',
  filter: 'Filter by name',
  filterNothing: 'No document has that in its name.',
  dropHint: 'You can drop files anywhere on this page.',
  listFailed: 'The list of documents could not be loaded.',
  moreDocuments: 'Show more',

  uploadWaiting: 'waiting to upload',
  moreUploads: (files: number) => `${count(files, 'more file', 'more files')} waiting to upload`,
  uploading: (percent: number) => `uploading ${percent} %`,
  refused: (reason: string) => `Not added. ${reason}`,
  queued: 'waiting to be read',
  readingStarts: 'reading',
  readingPage: (page: number, total: number | null) =>
    total === null
      ? `reading page ${number.format(page)}`
      : `reading page ${number.format(page)} of ${number.format(total)}`,
  ready: (pages: number) => `ready · ${count(pages, 'page', 'pages')}`,
  readyUnreadable: (unreadable: number) => `ready, ${count(unreadable, 'page', 'pages')} unreadable`,
  readyStill: (words: string, reason: string) => `${words}; reading it again failed: ${reason}`,
  failed: (reason: string) => `failed: ${reason}`,
  alreadyHere: 'was here already',
  cancelUpload: (name: string) => `Cancel the upload of ${name}`,
  retryNamed: (name: string) => `Try again: ${name}`,
  dismissNamed: (name: string) => `Dismiss: ${name}`,
  deleteDocument: 'Delete',
  deleteNamed: (name: string) => `Delete ${name}`,
  deleted: 'deleted',
  undo: 'Undo',
  undoNamed: (name: string) => `Undo: bring back ${name}`,
  passwordOf: (name: string) => `Password of ${name}`,
  passwordKept: 'Used once to open the file, never stored.',
  useNamed: (name: string) => `Use ${name} in answers`,
  usedOf: (used: number, all: number) => `Answers come from ${number.format(used)} of ${number.format(all)}.`,
  useAll: 'Use all',
  useNone: 'No document is ticked, so there is nothing to answer from.',
  openDocument: 'Open it',
  openNamed: (name: string) => `Show the text of ${name}`,

  question: 'Your question',
  questionPlaceholder: 'Ask your documents …',
  ask: 'Ask',
  stop: 'Stop',
  askHint: 'Enter to ask, Shift + Enter for a new line',
  welcome: 'What would you like to know?',
  welcomeEmpty: 'Add a document, then ask it anything.',
  welcomeReading: 'Your documents are being read. You can ask already; pages join in as they are read.',
  welcomeReady: (documents: number) =>
    `Ask in your own words. The answer comes from your ${count(documents, 'document', 'documents')}, with the passages it rests on.`,
  searching: 'Looking through your documents …',
  tookMs: (ms: number) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`),
  quote: 'Quote',
  quoteOf: (n: number, name: string, page: number) => `Quote ${n}: show it in ${name}, page ${page}`,
  place: (page: number) => `page ${number.format(page)}`,
  notFoundTitle: 'Not found in your documents',
  notFoundLead:
    'Nothing in them answers this. Other words may help: names, numbers, or terms as they would stand on the page.',
  notFoundNoDocuments: 'There are no documents to look in yet. Add one, then ask again.',
  notFoundNoneReadable: 'None of the documents could be read; the list says why.',
  closestPassages: 'The closest passages',
  soFar: (names: string[]) =>
    names.length > 2
      ? `Based on what is read so far: ${count(names.length, 'document is', 'documents are')} still being read.`
      : `Based on what is read so far: ${list.format(names)} ${names.length === 1 ? 'is' : 'are'} still being read.`,
  modelSilent: (reason: string) => `The model did not answer, so here are the passages themselves. ${reason}`,
  unsupported: (sentences: number) =>
    sentences === 1
      ? 'This sentence is not found in your documents:'
      : 'These sentences are not found in your documents:',
  stopped: 'Stopped here.',
  continueAnswer: 'Continue',
  askAgain: 'Ask again',
  queuedQuestion: 'Answered as soon as the one above is done.',
  withdraw: 'Take back',
  listen: 'Listen',
  listenStop: 'Stop',
  copy: 'Copy',
  copied: 'Copied',
  copyFailed: 'The browser did not allow copying.',
  answerFailed: 'No answer this time',
  answerBroken: 'The answer breaks off here.',

  page: (page: number, total: number | null) =>
    total === null ? `Page ${number.format(page)}` : `Page ${number.format(page)} of ${number.format(total)}`,
  pagePrevious: 'Previous page',
  pageNext: 'Next page',
  pageRecognised: (confidence: number | null) =>
    confidence === null ? 'Read from the picture' : `Read from the picture, ${Math.round(confidence)} % sure`,
  pageEmpty: 'There is no readable text on this page.',
  quoteNumberOf: (n: number, all: number) => (n === 0 ? count(all, 'quote', 'quotes') : `Quote ${n} of ${all}`),
  quotePrevious: 'Previous quote',
  quoteNext: 'Next quote',
  original: 'Original file',

  settings: 'Settings',
  sessions: 'Where you are signed in',
  thisBrowser: 'this browser',
  unknownBrowser: 'A browser that says nothing of itself',
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  lastSeen: (date: Date) => `last seen ${when.format(date)}`,
  signOutOf: (browser: string) => `Sign out of ${browser}`,
  keysTitle: 'Keys for programs',
  keysLead: 'A key may read, add and ask in your name, by the API.',
  keyName: 'What is the new key for?',
  makeKey: 'Make a key',
  keyOnce: 'Copy the key now: it is shown this once.',
  neverUsed: 'never used',
  lastUsed: (date: Date) => `last used ${when.format(date)}`,
  revoke: 'Revoke',
  revokeNamed: (name: string) => `Revoke ${name}`,
  revokeSure: 'Programs that use it will be refused from now on.',
  people: 'People',
  roles: { administrator: 'administrator', member: 'member' },
  you: 'you',
  disabled: 'may not sign in',
  makeRole: (role: string) => `Make ${role}`,
  makeRoleNamed: (name: string, role: string) => `Make ${name} ${role}`,
  remove: 'Remove',
  removeNamed: (name: string) => `Remove ${name}`,
  removeSure: (name: string) => `Remove ${name}, with all keys and documents of theirs?`,
  removeForGood: 'Remove for good',
  newPersonName: 'Name of a new person',
  newPersonPassword: 'Their first password',
  mayAdminister: 'May administer',
  addPerson: 'Add person',
  server: 'Server',
  servingSince: (date: Date) => `Serving since ${when.format(date)}.`,
  processes: (web: number, readers: number) =>
    readers === 0
      ? `${count(web, 'process answers', 'processes answer')}; one that reads documents starts when there are some to read.`
      : `${count(web, 'process answers', 'processes answer')}, ${count(readers, 'reads', 'read')} documents.`,
  memoryUsed: (bytes: number) => `Together they hold ${number.format(Math.round(bytes / 1e6))} MB of memory.`,
  work: (running: number, queued: number) =>
    running + queued === 0
      ? 'Nothing is waiting to be read.'
      : `${count(running, 'piece of work is', 'pieces of work are')} being done, ${number.format(queued)} waiting.`,
  circuitOpen: 'Processes died several times in a row, so the next start waits.',
  jobFailed: (date: Date, reason: string) => `${when.format(date)}: work was given up. ${reason}`,
  processDied: (date: Date, role: string, cause: string) =>
    `${Number.isNaN(date.getTime()) ? '' : `${when.format(date)}: `}a process died (${role}, ${cause}).`,

  keyboard: 'Keyboard',
  keys: [
    ['/', 'to the question'],
    ['Enter', 'ask'],
    ['Shift Enter', 'a new line in the question'],
    ['Ctrl Shift O', 'a new chat'],
    ['Escape', 'close the page of a document, or stop the answer'],
    ['[ ]', 'the quote before, the next quote'],
    ['?', 'this list'],
  ] as [keys: string, meaning: string][],

  announce: {
    ready: (name: string) => `${name} is ready.`,
    failed: (name: string, reason: string) => `${name} failed: ${reason}.`,
    refused: (name: string, reason: string) => `${name} was not added. ${reason}`,
    deleted: (name: string) => `${name} deleted. Undo is possible for ten minutes.`,
    restored: (name: string) => `${name} is back.`,
    chatDeleted: 'Chat deleted.',
    answerContinues: 'The answer goes on.',
    answerStarted: 'Looking through your documents.',
    answerFinished: (quotes: number) => `Answer finished, ${count(quotes, 'quote', 'quotes')}.`,
    answerNotFound: 'Not found in your documents.',
    answerStopped: 'Answer stopped.',
  },
}
