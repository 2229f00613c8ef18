/** What KnowBot says around quotes is in the language of the question, in all six; quotes and names stay in their own. */
import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type Chat, fold, openChat } from '../src/chat.ts'
import { openSearch } from '../src/search.ts'
import { addPerson, freshStorage, type Person, quietLog } from './support/folder.ts'
import { addDocument, type LibraryDocument } from './support/library.ts'

const NEVER = new AbortController().signal
const NAME = 'scan.pdf'

interface Speech {
  /** A page in the language; page 2 of it nobody could read. */
  page: string
  question: string
  /** Around the quotes that answer it, and of the page that is missing. */
  lead: RegExp
  missing: RegExp
  absent: string
  notFound: RegExp
  inventory: string
  library: RegExp
  summary: string
  standsFor: RegExp
  coverage: RegExp
  list: string
  mentions: RegExp
  looked: RegExp
}

const SPEECHES: Readonly<Record<string, Speech>> = {
  English: {
    page: 'The reading room of Fenwick has 42 seats. The keys are kept by Ada Marsh.',
    question: 'How many seats does the reading room have?',
    lead: /^(A quote|Quotes) that may answer this:\n\n“The reading room/,
    missing: /something may be missing here: page 2 of scan\.pdf\.$/,
    absent: 'Which enzyme unwinds the helix during replication?',
    notFound: /^Not found in your documents\./,
    inventory: 'Which documents do I have?',
    library: /^There is 1 document: 1 plain text\.\n\n- scan\.pdf \(not readable: page 2, added 1970-01-01\)$/,
    summary: 'Summarise this document',
    standsFor: /^Sentences that stand for scan\.pdf, from beginning to end:/,
    coverage: /Made from page 1 of 1 of scan\.pdf\./,
    list: 'List all keys',
    mentions: /^1 sentence with “keys”\./,
    looked: /Looked through page 1 of 1 of scan\.pdf\./,
  },
  German: {
    page: 'Der Lesesaal von Fenwick hat 42 Plätze. Die Schlüssel hat Frau Marsh.',
    question: 'Wie viele Plätze hat der Lesesaal?',
    lead: /^(Ein Zitat, das|Zitate, die) die Antwort sein könnten?:\n\n“Der Lesesaal/,
    missing: /deshalb könnte hier etwas fehlen: Seite 2 von scan\.pdf\.$/,
    absent: 'Welches Enzym entwindet die Helix bei der Replikation?',
    notFound: /^In Ihren Dokumenten nicht gefunden\./,
    inventory: 'Welche Dokumente habe ich?',
    library:
      /^Es gibt 1 Dokument: 1 einfacher Text\.\n\n- scan\.pdf \(nicht lesbar: Seite 2, hinzugefügt am 1970-01-01\)$/,
    summary: 'Fasse dieses Dokument zusammen',
    standsFor: /^Sätze, die für scan\.pdf stehen, vom Anfang bis zum Ende:/,
    coverage: /Entstanden aus: Seite 1 von 1 in scan\.pdf\./,
    list: 'Liste alle Schlüssel auf',
    mentions: /^1 Satz mit „Schlüssel“\./,
    looked: /Durchgesehen: Seite 1 von 1 in scan\.pdf\./,
  },
  Spanish: {
    page: 'La sala de lectura de Fenwick tiene 42 asientos. Las llaves las guarda Ada Marsh.',
    question: '¿Cuántos asientos tiene la sala de lectura?',
    lead: /^(Una cita que puede|Citas que pueden) responder a esto:\n\n“La sala/,
    missing: /aquí puede faltar algo: página 2 de scan\.pdf\.$/,
    absent: '¿Qué enzima desenrolla la hélice durante la replicación?',
    notFound: /^No está en tus documentos\./,
    inventory: '¿Qué documentos tengo?',
    library: /^Hay 1 documento: 1 texto sin formato\.\n\n- scan\.pdf \(ilegible: página 2, añadido el 1970-01-01\)$/,
    summary: 'Resume este documento',
    standsFor: /^Frases que representan scan\.pdf, de principio a fin:/,
    coverage: /Hecho a partir de: página 1 de 1 de scan\.pdf\./,
    list: 'Enumera todas las llaves',
    mentions: /^1 frase con «llaves»\./,
    looked: /Se revisó: página 1 de 1 de scan\.pdf\./,
  },
  French: {
    page: 'La salle de lecture de Fenwick a 42 places. Les clés sont chez Ada Marsh.',
    question: 'Combien de places a la salle de lecture ?',
    lead: /^(Une citation|Des citations) qui pourrai(en)?t répondre\u00a0:\n\n“La salle/,
    missing: /il peut donc manquer quelque chose ici\u00a0: page 2 de scan\.pdf\.$/,
    absent: 'Quelle enzyme déroule l’hélice pendant la réplication ?',
    notFound: /^Introuvable dans vos documents\./,
    inventory: 'Quels documents ai-je ?',
    library:
      /^Il y a 1 document\u00a0: 1 texte brut\.\n\n- scan\.pdf \(illisible\u00a0: page 2, ajouté le 1970-01-01\)$/,
    summary: 'Résume ce document',
    standsFor: /^Des phrases qui représentent scan\.pdf, du début à la fin\u00a0:/,
    coverage: /Établi à partir de\u00a0: page 1 sur 1 de scan\.pdf\./,
    list: 'Énumère toutes les clés',
    mentions: /^1 phrase avec «\u00a0clés\u00a0»\./,
    looked: /Parcouru\u00a0: page 1 sur 1 de scan\.pdf\./,
  },
  Chinese: {
    page: '芬威克的阅览室有42个座位。钥匙由馆长保管。',
    question: '阅览室有多少个座位？',
    lead: /^以下引文可能是答案：\n\n“芬威克的阅览室/,
    missing: /这里可能有遗漏：scan\.pdf 第 2 页。$/,
    absent: '哪种酶在复制过程中解开螺旋？',
    notFound: /^在您的文档中未找到。/,
    inventory: '我有哪些文档？',
    library: /^共有 1 个文档：1 纯文本。\n\n- scan\.pdf \(无法读取的页：2, 添加于 1970-01-01\)$/,
    summary: '总结这个文档',
    standsFor: /^代表 scan\.pdf 的句子，从头到尾：/,
    coverage: /依据：scan\.pdf 第 1 页（共 1 页）。/,
    list: '列出所有钥匙',
    mentions: /^共 1 个含有“钥匙”的句子。/,
    looked: /已查阅：scan\.pdf 第 1 页（共 1 页）。/,
  },
  Arabic: {
    page: 'قاعة القراءة في فنويك فيها 42 مقعدا. المفاتيح عند المديرة.',
    question: 'كم مقعدا في قاعة القراءة؟',
    lead: /^(اقتباس قد يجيب|اقتباسات قد تجيب) عن هذا:\n\n“قاعة القراءة/,
    missing: /فقد يكون هنا نقص: الصفحة 2 من scan\.pdf\.$/,
    absent: 'أي إنزيم يفك الحلزون أثناء التضاعف؟',
    notFound: /^غير موجود في مستنداتك\./,
    inventory: 'ما المستندات التي لدي؟',
    library: /^يوجد مستند واحد: 1 نص عادي\.\n\n- scan\.pdf \(غير مقروء: الصفحة 2, أُضيف في 1970-01-01\)$/,
    summary: 'لخص هذا المستند',
    standsFor: /^جمل تمثّل scan\.pdf، من البداية إلى النهاية:/,
    coverage: /أُعدّ من: الصفحة 1 من أصل 1 في scan\.pdf\./,
    list: 'اذكر جميع المفاتيح',
    mentions: /^عدد الجمل التي فيها «المفاتيح»: 1\./,
    looked: /جرى الاطلاع على: الصفحة 1 من أصل 1 في scan\.pdf\./,
  },
}

for (const [language, speech] of Object.entries(SPEECHES)) {
  test(`${language}: quotes, what is missing, what is not found, what there is, a summary, a list, and their coverage`, async (t) => {
    const { ask } = await library(t, [{ name: NAME, pages: [speech.page], unreadable: [2] }])
    const found = await ask(speech.question)
    assert.match(found.answer, speech.lead)
    assert.match(found.answer, speech.missing)
    assert.ok(!found.notFound && found.citations.length > 0)

    const absent = await ask(speech.absent)
    assert.match(absent.answer, speech.notFound)
    assert.ok(absent.notFound)

    assert.match((await ask(speech.inventory)).answer, speech.library)
    const summary = await ask(speech.summary)
    assert.match(summary.answer, speech.standsFor)
    assert.match(summary.answer, speech.coverage)
    const list = await ask(speech.list)
    assert.match(list.answer, speech.mentions)
    assert.match(list.answer, speech.looked)
  })
}

test('a question that shows no language is answered in that of the page', async (t) => {
  const { chat, ana } = await library(t, [{ name: NAME, pages: [SPEECHES['English']!.page] }])
  const ask = async (question: string, language: 'de' | undefined) =>
    (await fold(chat.ask(ana, { question, language }, NEVER))).answer
  assert.match(await ask('Zeppelin 1873?', 'de'), /^In Ihren Dokumenten nicht gefunden/)
  assert.match(await ask('Zeppelin 1873?', undefined), /^Not found in your documents/)
  assert.match(await ask('Which zeppelin crossed it in 1873?', 'de'), /^Not found in your documents/)
})

interface Opened {
  chat: Chat
  ana: Person
  ask(question: string): ReturnType<typeof fold>
}

async function library(t: TestContext, documents: readonly LibraryDocument[]): Promise<Opened> {
  const storage = freshStorage(t)
  const search = openSearch(storage)
  const ana = await addPerson(storage, 'ana')
  for (const document of documents) await addDocument(storage, search, ana, document)
  const chat = openChat({ storage, search, model: undefined, log: quietLog() })
  return { chat, ana, ask: (question) => fold(chat.ask(ana, { question }, NEVER)) }
}
