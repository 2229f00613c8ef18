import { formatsOf } from './formats.ts'
import type { Translation } from './languages.ts'
import { explained } from './problems.ts'

const { number, percent, count, form, list, when, tookMs, megabytes } = formatsOf('fr')

const errors = {
  wrong_credentials: 'Ce nom et ce mot de passe ne vont pas ensemble.',
  wrong_setup_code:
    'Ce lien a déjà servi ou n’est pas le plus récent. Utilisez celui que le serveur a affiché à son dernier démarrage.',
  cross_site:
    'Le navigateur a envoyé cela depuis une autre adresse. Ouvrez la page à l’adresse affichée par le serveur.',
  unauthenticated: 'Vous êtes déconnecté. Connectez-vous pour continuer.',
  interrupted: 'Le serveur a été interrompu pendant qu’il écrivait. Ce qui est écrit est conservé.',
  overloaded: 'Le serveur est très occupé. Réessayez dans un instant.',
  storage_busy: 'Le serveur est très occupé. Réessayez dans un instant.',
  shutting_down: 'Le serveur redémarre. Réessayez dans un instant.',
  disk_full: 'Le disque est presque plein : rien de nouveau n’est accepté. Vous pouvez toujours poser des questions.',
  internal: 'Une erreur s’est produite dans le serveur ; son journal en dit plus. Réessayez.',
}

const reasons = {
  password_needed: 'mot de passe requis',
  wrong_password: 'ce mot de passe ne l’a pas ouvert',
  document_damaged: 'le fichier est endommagé',
  document_empty: 'le fichier est vide',
  no_readable_text: 'aucun texte lisible',
  unsupported_file_type: 'ce type de fichier ne peut pas être lu',
  image_too_large: 'l’image a trop de pixels',
  out_of_memory: 'sa lecture demande plus de mémoire qu’il n’y en a',
  read_timeout: 'la lecture a duré trop longtemps',
  reader_crashed: 'la lecture a échoué à plusieurs reprises',
  interrupted: 'la lecture a été interrompue',
  cancelled: 'la lecture a été arrêtée',
  internal: 'une erreur de notre part',
}

const problem = explained({
  bad_request: 'Le serveur n’a pas compris cette demande.',
  body_too_large: 'C’est plus que ce que le serveur accepte en une fois.',
  forbidden: 'Vous n’avez pas le droit de faire cela.',
  not_found: 'Cela n’existe pas ou plus, ou appartient à quelqu’un d’autre.',
  conflict: 'Cela existe déjà, ou n’est pas possible pour l’instant.',
  rate_limited: 'Trop de tentatives. Attendez un instant.',
  document_too_large: 'Le fichier est plus grand que la taille permise.',
  unsupported_file_type: 'Ce type de fichier ne peut pas être lu.',
  document_empty: 'Le fichier est vide.',
  language_unavailable: 'Les données de reconnaissance manquent pour cette langue.',
  model_unreachable: 'Le serveur du modèle est injoignable.',
  model_refused: 'Le serveur du modèle a refusé la demande.',
  model_timeout: 'Le serveur du modèle n’a pas répondu à temps.',
  model_broken: 'Le serveur du modèle a renvoyé quelque chose qui n’est pas une réponse.',
  page_unreadable: 'La page n’a pas pu être lue.',
  unavailable: 'Il manque à cette machine ce qu’il faut pour cela.',
})

export const french: Translation = {
  errors,
  reasons,
  problem,
  unreachable: 'Le serveur est injoignable. Vérifiez qu’il fonctionne, puis réessayez.',
  unexpectedAnswer: (status: number) =>
    `Le serveur a donné une réponse que cette page ne connaît pas (${status}). Réessayez.`,

  chats: 'Discussions',
  newChat: 'Nouvelle discussion',
  newShort: 'Nouveau',
  chatsEmpty: 'Vos questions sont conservées ici.',
  chatsFailed: 'La liste des discussions n’a pas pu être chargée.',
  moreChats: 'Afficher les discussions précédentes',
  chatTitle: 'Titre de la discussion',
  renameNamed: (title: string) => `Renommer ${title}`,
  save: 'Enregistrer',
  keep: 'Conserver',
  deleteChat: 'Supprimer définitivement',
  deleteChatSure: 'Supprimer cette discussion et tout ce qui y a été dit ?',
  chatGone: 'Cette discussion n’existe plus, ou appartient à quelqu’un d’autre.',
  historyFailed: 'L’historique n’a pas pu être chargé.',
  historyEarlier: 'Afficher ce qui précède',

  skipToAsk: 'Aller à la question',
  documents: 'Documents',
  conversation: 'Demander',
  areas: 'Zones de la page',
  loading: 'Un instant…',
  tryAgain: 'Réessayer',
  close: 'Fermer',

  reconnecting: 'La liaison avec le serveur est coupée. Nouvelle tentative automatique…',
  notEncrypted: 'Cette connexion n’est pas chiffrée : quelqu’un sur votre réseau pourrait lire ce qui passe.',

  name: 'Nom',
  password: 'Mot de passe',
  showPassword: 'Afficher',
  hidePassword: 'Masquer',
  signIn: 'Se connecter',
  signingIn: 'Connexion…',
  signOut: 'Se déconnecter',
  signedInAs: (name: string) => `Connecté en tant que ${name}`,
  signInLead: 'Vos documents vous attendent.',
  signInNobody: 'Personne n’a encore de compte ici.',
  signInFirst: 'Pour créer le premier, ouvrez le lien que le serveur a affiché à son démarrage.',
  setupTitle: 'Prenez possession des lieux',
  setupLead: 'Choisissez un nom et un mot de passe. Vous serez l’administrateur de ce KnowBot.',
  setupPasswordHint: 'Au moins 12 caractères. Quelques mots à la suite se retiennent facilement.',
  setupButton: 'Commencer',
  setupWorking: 'Installation…',
  setupHaveAccount: 'Se connecter plutôt',
  fieldMissing: 'Veuillez remplir les deux champs.',
  passwordShort: (characters: number, min: number) =>
    `Il faut au moins ${number(min)} caractères, il y en a ${number(characters)}.`,

  add: 'Ajouter',
  addDocuments: 'Ajouter des documents',
  dropHere: 'Relâchez pour les ajouter',
  firstDocument: 'Déposez un document ici',
  firstDocumentLead:
    'PDF, numérisations et photos de texte, Markdown, HTML, texte brut. Tant qu’aucun modèle n’est ajouté, rien ne quitte cette machine.',
  filter: 'Filtrer par nom',
  filterNothing: 'Aucun nom de document ne contient cela.',
  dropHint: 'Vous pouvez déposer des fichiers n’importe où sur cette page.',
  listFailed: 'La liste des documents n’a pas pu être chargée.',
  showMore: 'Afficher plus',

  uploadWaiting: 'en attente d’envoi',
  moreUploads: (files: number) =>
    `${count(files, { one: '# autre fichier', other: '# autres fichiers' })} en attente d’envoi`,
  uploading: (done: number) => `envoi, ${percent(done)}`,
  refused: (reason: string) => `Pas ajouté. ${reason}`,
  queued: 'en attente de lecture',
  readingStarts: 'lecture',
  readingPage: (page: number, total: number | null) =>
    total === null ? `lecture de la page ${number(page)}` : `lecture de la page ${number(page)} sur ${number(total)}`,
  ready: (pages: number) => `prêt · ${count(pages, { one: '# page', other: '# pages' })}`,
  readyUnreadable: (unreadable: number) =>
    `prêt, ${count(unreadable, { one: '# page illisible', other: '# pages illisibles' })}`,
  readyStill: (words: string, reason: string) => `${words} ; une nouvelle lecture a échoué : ${reason}`,
  failed: (reason: string) => `échec : ${reason}`,
  alreadyHere: 'était déjà là',
  cancelUpload: (name: string) => `Annuler l’envoi de ${name}`,
  retryNamed: (name: string) => `Réessayer : ${name}`,
  dismissNamed: (name: string) => `Masquer : ${name}`,
  deleteNamed: (name: string) => `Supprimer ${name}`,
  deleted: 'supprimé',
  undo: 'Annuler',
  undoNamed: (name: string) => `Annuler : récupérer ${name}`,
  passwordOf: (name: string) => `Mot de passe de ${name}`,
  passwordKept: 'Sert une fois à ouvrir le fichier, n’est jamais enregistré.',
  useNamed: (name: string) => `Utiliser ${name} dans les réponses`,
  usedOf: (used: number, all: number) => `Les réponses viennent de ${number(used)} sur ${number(all)}.`,
  useAll: 'Tout utiliser',
  useNone: 'Aucun document n’est coché : il n’y a rien d’où répondre.',
  openDocument: 'L’ouvrir',
  openNamed: (name: string) => `Afficher le texte de ${name}`,

  question: 'Votre question',
  questionPlaceholder: 'Interrogez vos documents…',
  ask: 'Demander',
  stop: 'Arrêter',
  askHint: 'Entrée pour demander, Maj + Entrée pour aller à la ligne',
  welcome: 'Que souhaitez-vous savoir ?',
  welcomeEmpty: 'Ajoutez un document, puis posez-lui vos questions.',
  welcomeReading:
    'Vos documents sont en cours de lecture. Vous pouvez déjà demander ; les pages s’ajoutent au fil de la lecture.',
  welcomeReady: (documents: number) =>
    `Demandez avec vos propres mots. La réponse vient de ${form(documents, {
      one: 'votre document',
      other: `vos ${number(documents)} documents`,
    })}, avec les passages sur lesquels elle repose.`,
  searching: 'Recherche dans vos documents…',
  tookMs,
  quote: 'Citation',
  quoteOf: (n: number, name: string, page: number) =>
    `Citation ${number(n)} : la montrer dans ${name}, page ${number(page)}`,
  place: (page: number) => `page ${number(page)}`,
  notFoundTitle: 'Introuvable dans vos documents',
  notFoundLead:
    'Rien n’y répond. D’autres mots peuvent aider : des noms, des nombres, ou des termes tels qu’ils figurent sur la page.',
  notFoundNoDocuments: 'Il n’y a pas encore de documents où chercher. Ajoutez-en un, puis redemandez.',
  notFoundNoneReadable: 'Aucun des documents n’a pu être lu ; la liste dit pourquoi.',
  closestPassages: 'Les passages les plus proches',
  soFar: (names: string[]) =>
    names.length > 2
      ? `D’après ce qui est lu jusqu’ici : ${count(names.length, { one: '# document est', other: '# documents sont' })} encore en cours de lecture.`
      : `D’après ce qui est lu jusqu’ici : ${list(names)} ${names.length === 1 ? 'est' : 'sont'} encore en cours de lecture.`,
  modelSilent: (reason: string) => `Le modèle n’a pas répondu ; voici donc les passages eux-mêmes. ${reason}`,
  unsupported: (sentences: number) =>
    form(sentences, {
      one: 'Cette phrase ne se trouve pas dans vos documents :',
      other: 'Ces phrases ne se trouvent pas dans vos documents :',
    }),
  stopped: 'Arrêté ici.',
  continueAnswer: 'Continuer',
  askAgain: 'Redemander',
  queuedQuestion: 'Répondue dès que celle du dessus est terminée.',
  withdraw: 'Retirer',
  listen: 'Écouter',
  listenStop: 'Arrêter la lecture',
  copy: 'Copier',
  copied: 'Copié',
  copyFailed: 'Le navigateur n’a pas autorisé la copie.',
  answerFailed: 'Pas de réponse cette fois',
  answerBroken: 'La réponse s’interrompt ici.',

  page: (page: number, total: number | null) =>
    total === null ? `Page ${number(page)}` : `Page ${number(page)} sur ${number(total)}`,
  pagePrevious: 'Page précédente',
  pageNext: 'Page suivante',
  pageRecognised: (confidence: number | null) =>
    confidence === null ? 'Lu dans l’image' : `Lu dans l’image, sûr à ${percent(confidence)}`,
  pageEmpty: 'Il n’y a pas de texte lisible sur cette page.',
  quoteNumberOf: (n: number, all: number) =>
    n === 0 ? count(all, { one: '# citation', other: '# citations' }) : `Citation ${number(n)} sur ${number(all)}`,
  quotePrevious: 'Citation précédente',
  quoteNext: 'Citation suivante',
  original: 'Fichier d’origine',

  settings: 'Réglages',
  appearance: 'Langue et apparence',
  language: 'Langue',
  theme: 'Couleurs',
  themes: { system: 'Comme le système', light: 'Clair', dark: 'Sombre' },
  sessions: 'Où vous êtes connecté',
  thisBrowser: 'ce navigateur',
  unknownBrowser: 'Un navigateur qui ne dit rien de lui',
  browserOn: (browser: string, system: string) => `${browser} sous ${system}`,
  lastSeen: (date: Date) => `vu pour la dernière fois le ${when(date)}`,
  signOutOf: (browser: string) => `Se déconnecter de ${browser}`,
  keysTitle: 'Clés pour programmes',
  keysLead: 'Une clé peut lire, ajouter et demander en votre nom, par l’API.',
  keyName: 'À quoi sert la nouvelle clé ?',
  makeKey: 'Créer une clé',
  keyOnce: 'Copiez la clé maintenant : elle n’est montrée que cette fois.',
  neverUsed: 'jamais utilisée',
  lastUsed: (date: Date) => `utilisée pour la dernière fois le ${when(date)}`,
  revoke: 'Révoquer',
  revokeNamed: (name: string) => `Révoquer ${name}`,
  revokeSure: 'Les programmes qui l’utilisent seront refusés dès maintenant.',
  people: 'Personnes',
  roles: { administrator: 'administrateur', member: 'membre' },
  you: 'vous',
  disabled: 'ne peut pas se connecter',
  makeRole: (role: string) => `Rendre ${role}`,
  makeRoleNamed: (name: string, role: string) => `Rendre ${name} ${role}`,
  remove: 'Retirer',
  removeNamed: (name: string) => `Retirer ${name}`,
  removeSure: (name: string) => `Retirer ${name}, avec toutes ses clés et tous ses documents ?`,
  removeForGood: 'Retirer définitivement',
  newPersonName: 'Nom d’une nouvelle personne',
  newPersonPassword: 'Son premier mot de passe',
  mayAdminister: 'Peut administrer',
  addPerson: 'Ajouter la personne',
  server: 'Serveur',
  servingSince: (date: Date) => `En service depuis le ${when(date)}.`,
  processes: (web: number, readers: number) =>
    readers === 0
      ? `${count(web, { one: '# processus répond', other: '# processus répondent' })} ; un autre démarre quand il y a des documents à lire.`
      : `${count(web, { one: '# processus répond', other: '# processus répondent' })}, ${count(readers, { one: '# lit', other: '# lisent' })} des documents.`,
  memoryUsed: (bytes: number) => `Ensemble, ils occupent ${megabytes(bytes)} de mémoire.`,
  work: (running: number, queued: number) =>
    running + queued === 0
      ? 'Rien n’attend d’être lu.'
      : `${count(running, { one: '# tâche en cours', other: '# tâches en cours' })}, ${number(queued)} en attente.`,
  circuitOpen: 'Des processus sont morts plusieurs fois de suite : le prochain démarrage attend.',
  jobFailed: (date: Date, reason: string) => `${when(date)} : une tâche a été abandonnée. ${reason}`,
  processDied: (date: Date, role: string, cause: string) =>
    `${Number.isNaN(date.getTime()) ? '' : `${when(date)} : `}un processus est mort (${role}, ${cause}).`,

  keyboard: 'Clavier',
  keyMeanings: {
    question: 'aller à la question',
    ask: 'demander',
    newLine: 'une nouvelle ligne dans la question',
    newChat: 'une nouvelle discussion',
    escape: 'fermer la page d’un document, ou arrêter la réponse',
    quotes: 'la citation précédente, la suivante',
    help: 'cette liste',
  },

  announce: {
    ready: (name: string) => `${name} est prêt.`,
    failed: (name: string, reason: string) => `Échec pour ${name} : ${reason}.`,
    refused: (name: string, reason: string) => `${name} n’a pas été ajouté. ${reason}`,
    deleted: (name: string) => `${name} supprimé. Vous pouvez annuler pendant dix minutes.`,
    restored: (name: string) => `${name} est revenu.`,
    chatDeleted: 'Discussion supprimée.',
    answerContinues: 'La réponse reprend.',
    answerStarted: 'Recherche dans vos documents.',
    answerFinished: (quotes: number) =>
      `Réponse terminée, ${count(quotes, { one: '# citation', other: '# citations' })}.`,
    answerNotFound: 'Introuvable dans vos documents.',
    answerStopped: 'Réponse arrêtée.',
  },
}
