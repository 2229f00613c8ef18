/**
 * What KnowBot itself says in an answer, in the language of the question: one table per language, as the page has them. Quotes and
 * names come in their own. Steps are not here: they have names, and whoever shows them has words for those.
 */
import { type Language, languageOf } from './languages.ts'

interface LeadIn {
  one: string
  many: string
}

export interface Wording {
  /** `2 documents`, `1 page`: as they stand in a list or after a colon. */
  documents(count: number): string
  pages(count: number): string
  /** Of a document: `numbers` as printed, of so many pages. */
  pagesOf(numbers: string, count: number, name: string): string
  /** The same of all pages that it has. */
  partOf(numbers: string, count: number, total: number, name: string): string
  /** Behind numbers of pages that are too many. */
  furtherPages: string

  /** With the stop at its end. */
  sentence(words: string): string
  /** Begins every answer that has none; without a stop. */
  notFound: string
  notFoundSomeWaiting(waiting: number): string
  notFoundAllWaiting(waiting: number): string
  notFoundNoneRead: string
  notFoundNoDocuments: string
  notFoundNorInWeb: string
  foundInWeb: string
  webFailed(reason: string): string

  /** Before quotes. */
  quotes: LeadIn
  /** Before those below what counts as found. */
  nearest: LeadIn

  /** Which pages of which documents nobody could read, and of how many more. */
  unreadable(gaps: readonly string[], more: number): string

  standsFor(names: string): string
  newestIs(total: number, name: string): string
  mentions(count: number, topic: string, hasMore: boolean): string
  firstOfThem(shown: number): string
  madeFrom(what: string): string
  lookedThrough(what: string): string
  /** So many of the documents, and of their pages. */
  share(documents: number, documentsTotal: number, pages: number, pagesTotal: number): string

  libraryEmpty: string
  library(documents: number, pages: number, kinds: string): string
  plainText: string
  image(format: string): string
  isUnread: string
  isBeingRead: string
  notReadable(numbers: string, count: number): string
  addedOn(day: string): string
  newestOnly(shown: number): string
}

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** The form for a number, with the number in the place of `#`. */
function countingIn(language: Language): (count: number, forms: Forms) => string {
  let rules: Intl.PluralRules | undefined // Not every process has something to count in every language.
  return (count, forms) => {
    rules ??= new Intl.PluralRules(language)
    return (forms[rules.select(count)] ?? forms.other).replace('#', String(count))
  }
}

function english(): Wording {
  const count = countingIn('en')
  const documents = (n: number) => count(n, { one: '# document', other: '# documents' })
  const pages = (n: number) => count(n, { one: '# page', other: '# pages' })
  const numbered = (numbers: string, n: number) => `${count(n, { one: 'page', other: 'pages' })} ${numbers}`
  const waiting = (n: number) =>
    count(n, { one: '# document is still being read', other: '# documents are still being read' })
  const notFound = 'Not found in your documents'
  return {
    documents,
    pages,
    pagesOf: (numbers, n, name) => `${numbered(numbers, n)} of ${name}`,
    partOf: (numbers, n, total, name) => `${numbered(numbers, n)} of ${total} of ${name}`,
    furtherPages: ' and more',
    sentence: (words) => `${words}.`,
    notFound,
    notFoundSomeWaiting: (n) => `${notFound}. ${waiting(n)}: ask again when that is done.`,
    notFoundAllWaiting: (n) => `${notFound}: ${waiting(n)}, and none is ready yet. Ask again in a moment.`,
    notFoundNoneRead: `${notFound}: none of them could be read. The list of documents says why.`,
    notFoundNoDocuments: `${notFound}: there are none yet. Add some, then ask again.`,
    notFoundNorInWeb: `${notFound}, and not in the web.`,
    foundInWeb: 'Found in the web, not in your documents:',
    webFailed: (reason) => `The web could not be searched: ${reason}`,
    quotes: { one: 'A quote that may answer this:', many: 'Quotes that may answer this:' },
    nearest: { one: 'This comes nearest:', many: 'These come nearest:' },
    unreadable: (gaps, more) =>
      `Not everything could be read, so something may be missing here: ${gaps.join('; ')}${
        more === 0 ? '' : `; and pages of ${count(more, { one: '# more document', other: '# more documents' })}`
      }.`,
    standsFor: (names) => `Sentences that stand for ${names}, from beginning to end:`,
    newestIs: (total, name) => `The newest of ${documents(total)} is ${name}.`,
    mentions: (n, topic, hasMore) =>
      `${count(n, { one: '# sentence', other: '# sentences' })} with “${topic}”${hasMore ? ', and there are more' : ''}.`,
    firstOfThem: (shown) => `Here are the first ${shown}:`,
    madeFrom: (what) => `Made from ${what}.`,
    lookedThrough: (what) => `Looked through ${what}.`,
    share: (some, all, pagesSome, pagesAll) => `${some} of ${documents(all)}, ${pagesSome} of ${pages(pagesAll)}`,
    libraryEmpty: 'There are no documents yet. Add some, then ask again.',
    library: (n, ofPages, kinds) =>
      `There ${n === 1 ? 'is' : 'are'} ${documents(n)}${ofPages > 0 ? ` with ${pages(ofPages)}` : ''}: ${kinds}.`,
    plainText: 'plain text',
    image: (format) => `${format} image`,
    isUnread: 'could not be read',
    isBeingRead: 'is being read',
    notReadable: (numbers, n) => `not readable: ${numbered(numbers, n)}`,
    addedOn: (day) => `added ${day}`,
    newestOnly: (shown) => `These are the ${shown} newest.`,
  }
}

function german(): Wording {
  const count = countingIn('de')
  const documents = (n: number) => count(n, { one: '# Dokument', other: '# Dokumente' })
  const pages = (n: number) => count(n, { one: '# Seite', other: '# Seiten' })
  const ofDocuments = (n: number) => count(n, { one: '# Dokument', other: '# Dokumenten' })
  const numbered = (numbers: string, n: number) => `${count(n, { one: 'Seite', other: 'Seiten' })} ${numbers}`
  const waiting = (n: number) =>
    count(n, { one: '# Dokument wird noch gelesen', other: '# Dokumente werden noch gelesen' })
  const notFound = 'In Ihren Dokumenten nicht gefunden'
  return {
    documents,
    pages,
    pagesOf: (numbers, n, name) => `${numbered(numbers, n)} von ${name}`,
    partOf: (numbers, n, total, name) => `${numbered(numbers, n)} von ${total} in ${name}`,
    furtherPages: ' und weitere',
    sentence: (words) => `${words}.`,
    notFound,
    notFoundSomeWaiting: (n) => `${notFound}. ${waiting(n)}: Fragen Sie danach noch einmal.`,
    notFoundAllWaiting: (n) => `${notFound}: ${waiting(n)}, und noch ist keines fertig. Fragen Sie gleich noch einmal.`,
    notFoundNoneRead: `${notFound}: Keines konnte gelesen werden. Die Liste der Dokumente sagt, warum.`,
    notFoundNoDocuments: `${notFound}: Es gibt noch keine. Fügen Sie welche hinzu und fragen Sie dann noch einmal.`,
    notFoundNorInWeb: `${notFound}, und auch nicht im Web.`,
    foundInWeb: 'Im Web gefunden, nicht in Ihren Dokumenten:',
    webFailed: (reason) => `Das Web konnte nicht durchsucht werden: ${reason}`,
    quotes: { one: 'Ein Zitat, das die Antwort sein könnte:', many: 'Zitate, die die Antwort sein könnten:' },
    nearest: { one: 'Das kommt dem am nächsten:', many: 'Diese kommen dem am nächsten:' },
    unreadable: (gaps, more) =>
      `Nicht alles konnte gelesen werden, deshalb könnte hier etwas fehlen: ${gaps.join('; ')}${
        more === 0
          ? ''
          : `; und Seiten von ${count(more, { one: '# weiteren Dokument', other: '# weiteren Dokumenten' })}`
      }.`,
    standsFor: (names) => `Sätze, die für ${names} stehen, vom Anfang bis zum Ende:`,
    newestIs: (total, name) => `Das neueste von ${ofDocuments(total)} ist ${name}.`,
    mentions: (n, topic, hasMore) =>
      `${count(n, { one: '# Satz', other: '# Sätze' })} mit „${topic}“${hasMore ? ', und es gibt noch mehr' : ''}.`,
    firstOfThem: (shown) => `Hier sind die ersten ${shown}:`,
    madeFrom: (what) => `Entstanden aus: ${what}.`,
    lookedThrough: (what) => `Durchgesehen: ${what}.`,
    share: (some, all, pagesSome, pagesAll) => `${some} von ${ofDocuments(all)}, ${pagesSome} von ${pages(pagesAll)}`,
    libraryEmpty: 'Es gibt noch keine Dokumente. Fügen Sie welche hinzu und fragen Sie dann noch einmal.',
    library: (n, ofPages, kinds) => `Es gibt ${documents(n)}${ofPages > 0 ? ` mit ${pages(ofPages)}` : ''}: ${kinds}.`,
    plainText: 'einfacher Text',
    image: (format) => `${format}-Bild`,
    isUnread: 'konnte nicht gelesen werden',
    isBeingRead: 'wird gelesen',
    notReadable: (numbers, n) => `nicht lesbar: ${numbered(numbers, n)}`,
    addedOn: (day) => `hinzugefügt am ${day}`,
    newestOnly: (shown) => `Das sind die ${shown} neuesten.`,
  }
}

function spanish(): Wording {
  const count = countingIn('es')
  const documents = (n: number) => count(n, { one: '# documento', other: '# documentos' })
  const pages = (n: number) => count(n, { one: '# página', other: '# páginas' })
  const numbered = (numbers: string, n: number) => `${count(n, { one: 'página', other: 'páginas' })} ${numbers}`
  const waiting = (n: number) =>
    count(n, { one: '# documento aún se está leyendo', other: '# documentos aún se están leyendo' })
  const notFound = 'No está en tus documentos'
  return {
    documents,
    pages,
    pagesOf: (numbers, n, name) => `${numbered(numbers, n)} de ${name}`,
    partOf: (numbers, n, total, name) => `${numbered(numbers, n)} de ${total} de ${name}`,
    furtherPages: ' y más',
    sentence: (words) => `${words}.`,
    notFound,
    notFoundSomeWaiting: (n) => `${notFound}. ${waiting(n)}: vuelve a preguntar cuando termine.`,
    notFoundAllWaiting: (n) => `${notFound}: ${waiting(n)} y ninguno está listo. Vuelve a preguntar en un momento.`,
    notFoundNoneRead: `${notFound}: no se pudo leer ninguno. La lista de documentos dice por qué.`,
    notFoundNoDocuments: `${notFound}: todavía no hay ninguno. Añade alguno y vuelve a preguntar.`,
    notFoundNorInWeb: `${notFound}, ni tampoco en la web.`,
    foundInWeb: 'Encontrado en la web, no en tus documentos:',
    webFailed: (reason) => `No se pudo buscar en la web: ${reason}`,
    quotes: { one: 'Una cita que puede responder a esto:', many: 'Citas que pueden responder a esto:' },
    nearest: { one: 'Esto es lo más cercano:', many: 'Estas son las más cercanas:' },
    unreadable: (gaps, more) =>
      `No se pudo leer todo, así que aquí puede faltar algo: ${gaps.join('; ')}${
        more === 0 ? '' : `; y páginas de ${count(more, { one: '# documento más', other: '# documentos más' })}`
      }.`,
    standsFor: (names) => `Frases que representan ${names}, de principio a fin:`,
    newestIs: (total, name) => `El más reciente de ${documents(total)} es ${name}.`,
    mentions: (n, topic, hasMore) =>
      `${count(n, { one: '# frase', other: '# frases' })} con «${topic}»${hasMore ? ', y hay más' : ''}.`,
    firstOfThem: (shown) => `Aquí están las primeras ${shown}:`,
    madeFrom: (what) => `Hecho a partir de: ${what}.`,
    lookedThrough: (what) => `Se revisó: ${what}.`,
    share: (some, all, pagesSome, pagesAll) => `${some} de ${documents(all)}, ${pagesSome} de ${pages(pagesAll)}`,
    libraryEmpty: 'Todavía no hay documentos. Añade alguno y vuelve a preguntar.',
    library: (n, ofPages, kinds) => `Hay ${documents(n)}${ofPages > 0 ? ` con ${pages(ofPages)}` : ''}: ${kinds}.`,
    plainText: 'texto sin formato',
    image: (format) => `imagen ${format}`,
    isUnread: 'no se pudo leer',
    isBeingRead: 'se está leyendo',
    notReadable: (numbers, n) => `ilegible: ${numbered(numbers, n)}`,
    addedOn: (day) => `añadido el ${day}`,
    newestOnly: (shown) => `Estos son los ${shown} más recientes.`,
  }
}

/** Before a colon and within guillemets stand spaces at which no line ends. */
function french(): Wording {
  const count = countingIn('fr')
  const documents = (n: number) => count(n, { one: '# document', other: '# documents' })
  const pages = (n: number) => count(n, { one: '# page', other: '# pages' })
  const numbered = (numbers: string, n: number) => `${count(n, { one: 'page', other: 'pages' })} ${numbers}`
  const waiting = (n: number) =>
    count(n, { one: '# document est encore en cours de lecture', other: '# documents sont encore en cours de lecture' })
  const notFound = 'Introuvable dans vos documents'
  return {
    documents,
    pages,
    pagesOf: (numbers, n, name) => `${numbered(numbers, n)} de ${name}`,
    partOf: (numbers, n, total, name) => `${numbered(numbers, n)} sur ${total} de ${name}`,
    furtherPages: ' et d’autres',
    sentence: (words) => `${words}.`,
    notFound,
    notFoundSomeWaiting: (n) => `${notFound}. ${waiting(n)}\u00a0: redemandez quand ce sera fait.`,
    notFoundAllWaiting: (n) => `${notFound}\u00a0: ${waiting(n)}, aucun n’est prêt. Redemandez dans un instant.`,
    notFoundNoneRead: `${notFound}\u00a0: aucun n’a pu être lu. La liste des documents dit pourquoi.`,
    notFoundNoDocuments: `${notFound}\u00a0: il n’y en a pas encore. Ajoutez-en, puis redemandez.`,
    notFoundNorInWeb: `${notFound}, ni sur le web.`,
    foundInWeb: 'Trouvé sur le web, pas dans vos documents\u00a0:',
    webFailed: (reason) => `La recherche sur le web a échoué\u00a0: ${reason}`,
    quotes: {
      one: 'Une citation qui pourrait répondre\u00a0:',
      many: 'Des citations qui pourraient répondre\u00a0:',
    },
    nearest: {
      one: 'Voici ce qui s’en approche le plus\u00a0:',
      many: 'Voici celles qui s’en approchent le plus\u00a0:',
    },
    unreadable: (gaps, more) =>
      `Tout n’a pas pu être lu, il peut donc manquer quelque chose ici\u00a0: ${gaps.join('; ')}${
        more === 0 ? '' : `; et des pages de ${count(more, { one: '# autre document', other: '# autres documents' })}`
      }.`,
    standsFor: (names) => `Des phrases qui représentent ${names}, du début à la fin\u00a0:`,
    newestIs: (total, name) => `Le plus récent de ${documents(total)} est ${name}.`,
    mentions: (n, topic, hasMore) =>
      `${count(n, { one: '# phrase', other: '# phrases' })} avec «\u00a0${topic}\u00a0»${hasMore ? ', et il y en a d’autres' : ''}.`,
    firstOfThem: (shown) => `Voici les ${shown} premières\u00a0:`,
    madeFrom: (what) => `Établi à partir de\u00a0: ${what}.`,
    lookedThrough: (what) => `Parcouru\u00a0: ${what}.`,
    share: (some, all, pagesSome, pagesAll) => `${some} sur ${documents(all)}, ${pagesSome} sur ${pages(pagesAll)}`,
    libraryEmpty: 'Il n’y a pas encore de documents. Ajoutez-en, puis redemandez.',
    library: (n, ofPages, kinds) =>
      `Il y a ${documents(n)}${ofPages > 0 ? `, ${pages(ofPages)} en tout` : ''}\u00a0: ${kinds}.`,
    plainText: 'texte brut',
    image: (format) => `image ${format}`,
    isUnread: 'n’a pas pu être lu',
    isBeingRead: 'en cours de lecture',
    notReadable: (numbers, n) => `illisible\u00a0: ${numbered(numbers, n)}`,
    addedOn: (day) => `ajouté le ${day}`,
    newestOnly: (shown) => `Voici les ${shown} plus récents.`,
  }
}

function chinese(): Wording {
  const documents = (n: number) => `${n} 个文档`
  const pages = (n: number) => `${n} 页`
  const notFound = '在您的文档中未找到'
  return {
    documents,
    pages,
    pagesOf: (numbers, _n, name) => `${name} 第 ${numbers} 页`,
    partOf: (numbers, _n, total, name) => `${name} 第 ${numbers} 页（共 ${total} 页）`,
    furtherPages: ' 等',
    sentence: (words) => `${words}。`,
    notFound,
    notFoundSomeWaiting: (n) => `${notFound}。还有 ${n} 个文档正在读取，读完后请再次提问。`,
    notFoundAllWaiting: (n) => `${notFound}：${n} 个文档仍在读取，尚无一个就绪。请稍后再次提问。`,
    notFoundNoneRead: `${notFound}：所有文档都无法读取，原因见文档列表。`,
    notFoundNoDocuments: `${notFound}：还没有文档。请先添加，然后再次提问。`,
    notFoundNorInWeb: `${notFound}，网络上也没有。`,
    foundInWeb: '以下来自网络，不在您的文档中：',
    webFailed: (reason) => `无法搜索网络：${reason}`,
    quotes: { one: '以下引文可能是答案：', many: '以下引文可能是答案：' },
    nearest: { one: '最接近的内容：', many: '最接近的内容：' },
    unreadable: (gaps, more) =>
      `有些内容无法读取，这里可能有遗漏：${gaps.join('；')}${more === 0 ? '' : `；以及另外 ${more} 个文档中的页面`}。`,
    standsFor: (names) => `代表 ${names} 的句子，从头到尾：`,
    newestIs: (total, name) => `${documents(total)}中最新的是 ${name}。`,
    mentions: (count, topic, hasMore) => `共 ${count} 个含有“${topic}”的句子${hasMore ? '，还有更多' : ''}。`,
    firstOfThem: (shown) => `以下是前 ${shown} 个：`,
    madeFrom: (what) => `依据：${what}。`,
    lookedThrough: (what) => `已查阅：${what}。`,
    share: (some, all, pagesSome, pagesAll) =>
      `${documents(all)}中的 ${some} 个，${pages(pagesAll)}中的 ${pagesSome} 页`,
    libraryEmpty: '还没有文档。请先添加，然后再次提问。',
    library: (count, ofPages, kinds) =>
      `共有 ${documents(count)}${ofPages > 0 ? `，${pages(ofPages)}` : ''}：${kinds}。`,
    plainText: '纯文本',
    image: (format) => `${format} 图片`,
    isUnread: '无法读取',
    isBeingRead: '正在读取',
    notReadable: (numbers) => `无法读取的页：${numbers}`,
    addedOn: (day) => `添加于 ${day}`,
    newestOnly: (shown) => `以上是最新的 ${shown} 个。`,
  }
}

/** Names from left to right begin at their left wherever they stand: the page isolates what it shows by itself. */
function arabic(): Wording {
  const count = countingIn('ar')
  const documents = (n: number) =>
    count(n, { one: 'مستند واحد', two: 'مستندان', few: '# مستندات', many: '# مستندًا', other: '# مستند' })
  const pages = (n: number) =>
    count(n, { one: 'صفحة واحدة', two: 'صفحتان', few: '# صفحات', many: '# صفحة', other: '# صفحة' })
  const numbered = (numbers: string, n: number) => `${n === 1 ? 'الصفحة' : 'الصفحات'} ${numbers}`
  const notFound = 'غير موجود في مستنداتك'
  return {
    documents,
    pages,
    pagesOf: (numbers, n, name) => `${numbered(numbers, n)} من ${name}`,
    partOf: (numbers, n, total, name) => `${numbered(numbers, n)} من أصل ${total} في ${name}`,
    furtherPages: ' وغيرها',
    sentence: (words) => `${words}.`,
    notFound,
    notFoundSomeWaiting: (n) => `${notFound}. مستندات لا تزال قيد القراءة: ${n}. أعد السؤال بعد انتهائها.`,
    notFoundAllWaiting: (n) =>
      `${notFound}: مستندات لا تزال قيد القراءة: ${n}، ولا شيء جاهز بعد. أعد السؤال بعد لحظات.`,
    notFoundNoneRead: `${notFound}: تعذّرت قراءتها جميعًا. السبب مذكور في قائمة المستندات.`,
    notFoundNoDocuments: `${notFound}: لا توجد مستندات بعد. أضف بعضها ثم أعد السؤال.`,
    notFoundNorInWeb: `${notFound}، ولا في الويب.`,
    foundInWeb: 'وُجد في الويب، لا في مستنداتك:',
    webFailed: (reason) => `تعذّر البحث في الويب: ${reason}`,
    quotes: { one: 'اقتباس قد يجيب عن هذا:', many: 'اقتباسات قد تجيب عن هذا:' },
    nearest: { one: 'هذا هو الأقرب:', many: 'هذه هي الأقرب:' },
    unreadable: (gaps, more) =>
      `تعذّرت قراءة بعض المحتوى، فقد يكون هنا نقص: ${gaps.join('؛ ')}${more === 0 ? '' : `؛ وصفحات من مستندات أخرى عددها ${more}`}.`,
    standsFor: (names) => `جمل تمثّل ${names}، من البداية إلى النهاية:`,
    newestIs: (total, name) => `المستندات: ${total}، وأحدثها ${name}.`,
    mentions: (n, topic, hasMore) => `عدد الجمل التي فيها «${topic}»: ${n}${hasMore ? '، ويوجد غيرها' : ''}.`,
    firstOfThem: (shown) => `عدد المعروض منها هنا، من أولها: ${shown}:`,
    madeFrom: (what) => `أُعدّ من: ${what}.`,
    lookedThrough: (what) => `جرى الاطلاع على: ${what}.`,
    share: (some, all, pagesSome, pagesAll) => `المستندات: ${some} من ${all}، الصفحات: ${pagesSome} من ${pagesAll}`,
    libraryEmpty: 'لا توجد مستندات بعد. أضف بعضها ثم أعد السؤال.',
    library: (n, ofPages, kinds) => `يوجد ${documents(n)}${ofPages > 0 ? `، ${pages(ofPages)}` : ''}: ${kinds}.`,
    plainText: 'نص عادي',
    image: (format) => `صورة ${format}`,
    isUnread: 'تعذّرت قراءته',
    isBeingRead: 'تجري قراءته',
    notReadable: (numbers, n) => `غير مقروء: ${numbered(numbers, n)}`,
    addedOn: (day) => `أُضيف في ${day}`,
    newestOnly: (shown) => `هذه أحدث المستندات، وعددها ${shown}.`,
  }
}

const WORDINGS: Readonly<Record<Language, Wording>> = {
  en: english(),
  de: german(),
  es: spanish(),
  fr: french(),
  zh: chinese(),
  ar: arabic(),
}

/** That of the question; where it does not show, that of the asker's page; English is what is left. */
export function wordingOf({ question, language }: { question: string; language?: Language | undefined }): Wording {
  return WORDINGS[languageOf(question) ?? language ?? 'en']
}

/** Whether an answer says in one of our languages that it has none. */
export function beginsNotFound(answer: string): boolean {
  const start = answer.trimStart().toLowerCase()
  return Object.values(WORDINGS).some(({ notFound }) => start.startsWith(notFound.toLowerCase()))
}
