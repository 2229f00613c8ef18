/**
 * Questions that no single passage answers, known by their form: a summary, a list of all there is of something, and what there
 * is to ask at all. A small table for a few languages, and no model; a question of any other form is one of passages.
 */
import { splitWords } from '../search.ts'

export type Wish =
  | { kind: 'passage' }
  /** `about` may name documents; without words of its own it means those at hand. */
  | { kind: 'summary'; about: string }
  | { kind: 'list'; about: string }
  | { kind: 'inventory' }

type Broad = Exclude<Wish['kind'], 'passage'>

const FILES = `(?:files?|documents?|docs?|pdfs?|uploads?|dateien?|dokumente?|unterlagen|archivos?|documentos?|ficheros?|fichiers?)`
const WHOLE = String.raw`(?:(?:this|these|the|my|our|all)\s+)*(?:documents?|files?|pdfs?|texts?|papers?|reports?)`

/** Tried in this order; the whole question must be of this form. */
const FORMS: readonly { kind: Broad; form: string }[] = [
  // What is there.
  {
    kind: 'inventory',
    form: String.raw`(?:what|which)(?: kinds? of)? ${FILES} (?:do (?:i|we|you) have|have (?:i|we) (?:uploaded|added|got)|are (?:there|here|available|uploaded|indexed|in (?:here|(?:the|my|this|our) \w+)))(?: (?:here|now|uploaded|indexed|available|so far|access to))*`,
  },
  {
    kind: 'inventory',
    form: `(?:list|show)(?: me)?(?: all| every)?(?: of)?(?: the| my| our)? ${FILES}(?: (?:i|we) have| there are)?`,
  },
  {
    kind: 'inventory',
    form: `how many (?:${FILES}|pages) (?:do (?:i|we|you) have|are (?:there|here|uploaded|indexed)|have (?:i|we) (?:uploaded|added))(?: (?:here|now|so far|in total))*`,
  },
  {
    kind: 'inventory',
    form: `what (?:have|did) (?:i|we) upload(?:ed)?|what(?: is|['’]s) in (?:my|the|this|our) (?:collection|library)`,
  },
  {
    kind: 'inventory',
    form: String.raw`(?:welche|was für) ${FILES} (?:habe ich|haben wir|gibt es|sind \w+|liegen vor)(?: \w+)?|(?:liste|zeige?)(?: mir)?(?: alle)?(?: meine| die)? ${FILES}(?: auf| an)?|wie viele (?:${FILES}|seiten) (?:habe ich|haben wir|gibt es|sind \w+)(?: \w+)?|was habe ich (?:alles )?hochgeladen|was ist in meiner sammlung`,
  },
  {
    kind: 'inventory',
    form: String.raw`(?:qué|que|cuáles) ${FILES} (?:tengo|tenemos|hay|he subido|están \w+)(?: \w+)?|(?:lista|muestra)(?:me)?(?: todos)?(?: mis| los)? ${FILES}|cuántos (?:${FILES}) (?:tengo|hay|he subido)|qué he subido`,
  },
  {
    kind: 'inventory',
    form: String.raw`quels (?:sont (?:mes|les) )?${FILES}(?: (?:ai-je|j['’]ai|avons-nous|y a-t-il|sont \w+|est-ce que j['’]ai))?(?: \w+)?|(?:liste|montre)(?:-moi)?(?: tous)?(?: mes| les) ${FILES}|combien de (?:${FILES}) (?:ai-je|j['’]ai|y a-t-il)(?: \w+)?|qu['’]ai-je (?:importé|téléversé|ajouté)`,
  },
  {
    kind: 'inventory',
    form: `(?:我|我们|这里)?(?:现在)?(?:都|一共|总共)?有(?:哪些|什么|多少(?:个|份)?|几(?:个|份))(?:文档|文件|页)|(?:请)?(?:列出|显示)(?:我的)?(?:所有|全部)?(?:的)?(?:文档|文件)|我?上传了(?:什么|哪些(?:文档|文件)?)`,
  },
  {
    kind: 'inventory',
    form: `(?:ما|أي)(?: هي)? (?:المستندات|الملفات|الوثائق|مستنداتي|ملفاتي)(?: (?:التي لدي|لدي|الموجودة|هنا|المتوفرة))*|كم(?: عدد)? (?:مستندا|مستندًا|ملفا|ملفًا|المستندات|الملفات|صفحة|الصفحات)(?: (?:لدي|هنا|يوجد|هناك))*|(?:اعرض|اذكر)(?: لي)?(?: كل| جميع)? (?:المستندات|الملفات|مستنداتي|ملفاتي)`,
  },
  // What they say as a whole.
  {
    kind: 'summary',
    form: String.raw`(?:summari[sz]e|sum up|give(?: me| us)? an? (?:\w+ )?(?:summary|overview|outline)|write an? (?:\w+ )?summary|(?:an? )?(?:\w+ )?(?:summary|overview)(?= (?:of|for|on)\b|$)|tl;?dr|what are the (?:key|main) (?:points|takeaways|messages|findings)|(?:the )?(?:key|main) (?:points|takeaways))(?:(?: of| for| on| in|:)? (?<about>.+))?`,
  },
  { kind: 'summary', form: String.raw`what(?: is|['’]s| are) (?<about>${WHOLE}|.+\.\w{2,4}) about` },
  { kind: 'summary', form: `fass?(?:e|t|en sie)?(?: mir)? (?<about>.+?)(?: kurz| bitte)* zusammen` },
  {
    kind: 'summary',
    form: `(?:gib mir |schreibe? )?(?:eine? )?(?:kurze[nr]? )?(?:zusammenfassung|überblick|übersicht)(?:(?: über| von| zu| des| der)? (?<about>.+))?|(?:worum geht es|wovon handel[tn])(?: in)? (?<about2>.+)`,
  },
  {
    kind: 'summary',
    form: `(?:resum[ei]r?(?:me)?|resúmeme|haz(?:me)? un resumen|(?:un )?resumen|de qué (?:trata|va)n?)(?:(?: de| del| sobre)? (?<about>.+))?`,
  },
  {
    kind: 'summary',
    form: `(?:résume[rz]?(?:-moi)?|fais(?:-moi)? un résumé|(?:un )?résumé|synthèse|de quoi parlent?)(?:(?: de| du| des| sur)? (?<about>.+))?`,
  },
  { kind: 'summary', form: `(?:请)?(?:总结|概括|概述)(?:一下)?(?<about>.*)|(?<about2>.*?)的?(?:摘要|总结)` },
  { kind: 'summary', form: `(?:لخص|لخّص|ملخص)(?: (?<about>.+))?` },
  { kind: 'summary', form: `(?:кратко изложи|обобщи|резюмируй|краткое содержание)(?: (?<about>.+))?` },
  // Everything of a kind.
  { kind: 'list', form: `(?:make|give me|write) a list of (?:all )?(?:the )?(?<about>.+)` },
  { kind: 'list', form: `list(?: me)?(?: all| every| each)(?: of)?(?: the)? (?<about>.+)` },
  {
    kind: 'list',
    form: `(?:name|enumerate|find|show(?: me)?|give me|tell me|what are|which are) (?:all|every|each)(?: of)?(?: the)? (?<about>.+)`,
  },
  {
    kind: 'list',
    form: `(?:liste|nenne|zähle|zeige?|finde|gib)(?: mir)? (?:alle|sämtliche|jede[nrs]?)(?: der)? (?<about>.+?)(?: auf| an)?`,
  },
  {
    kind: 'list',
    form: `(?:enumera|lista|nombra|muestra(?:me)?|dame|dime|haz una lista de) (?:tod[oa]s )(?:l[oa]s )?(?<about>.+)`,
  },
  {
    kind: 'list',
    form: `(?:énumère|liste|cite|nomme|donne(?:-moi)?|montre(?:-moi)?) (?:tous|toutes)(?: les)? (?<about>.+)`,
  },
  { kind: 'list', form: `(?:请)?(?:列出|列举|找出)(?:所有|全部)(?:的)?(?<about>.+)` },
  { kind: 'list', form: `(?:اذكر|عدد|اعرض|ما)(?: لي| هي)? (?:كل|جميع) (?<about>.+)` },
]

const POLITE = `(?:(?:please|bitte|por favor|s['’]il (?:te|vous) plaît|can you|could you|kannst du|können sie|puedes|peux-tu|pouvez-vous|i (?:want|need) you to),? )*`
const COMPILED = FORMS.map(({ kind, form }) => ({
  kind,
  pattern: new RegExp(`^${POLITE}(?:${form})(?:,? (?:please|bitte|por favor|s['’]il (?:te|vous) plaît))?$`, 'iu'),
}))
/** Longer than any question of these forms; and a bound for the patterns. */
const LENGTH_MAX = 200

export function wishOf(question: string): Wish {
  const asked = question
    .trim()
    .replace(/\s+/g, ' ')
    .replace(/^[¿¡\s]+|[\s.?!。？！؟]+$/gu, '')
  if (asked.length > LENGTH_MAX) return { kind: 'passage' }
  for (const { kind, pattern } of COMPILED) {
    const groups = pattern.exec(asked)
    if (!groups) continue
    const about = groups.groups?.['about'] ?? groups.groups?.['about2'] ?? ''
    return kind === 'inventory' ? { kind } : { kind, about: about.trim() }
  }
  return { kind: 'passage' }
}

/** Words that name documents in general, and what stands around them; folded. */
const GENERAL = new Set(
  [
    'this these that those the my our your all every whole entire of in it them everything here document documents file files pdf pdfs text texts paper report content contents collection library uploaded',
    'dieses diese diesen dieser das die der dem den des alle allen meine meinen mein dokument dokumente dokumenten dokuments datei dateien alles inhalt text bericht sammlung in ihnen',
    'este esta estos estas el la los las todo todos todas mi mis de del documento documentos archivo archivos contenido texto informe',
    'ce cet cette ces le la les tout tous toutes mon mes de du des document documents fichier fichiers contenu texte rapport',
    '这 这份 这个 所有 全部 文档 文件 هذا هذه كل المستند المستندات الملف الملفات этот эти все документ документы файл файлы',
  ].flatMap((line) => splitWords(line).map(({ text }) => text)),
)
/** The same in a script without spaces between words. */
const GENERAL_HAN = /^(?:这个?|这份|这些|我的?|我们的?|所有|全部|的|文档|文件|内容|\s)+$/u
const SEVERAL =
  /\b(?:all|every|everything|documents|files|pdfs|texts|collection|library|alle|allen|alles|dokumente|dokumenten|dateien|sammlung|todos?|documentos|archivos|tous|tout|fichiers)\b|所有|全部|كل|все|документы/iu

/** Whether it means documents in general, and none that it names. */
export function isGeneral(about: string): boolean {
  return GENERAL_HAN.test(about) || splitWords(about).every(({ text }) => GENERAL.has(text))
}

export function isAboutSeveral(about: string): boolean {
  return SEVERAL.test(about)
}
