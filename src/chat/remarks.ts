/**
 * What an answer says of itself: "Yes.", "The sources do not say how long." Such words are compared with nothing: what is not in the
 * documents cannot be looked up in them.
 */
import { splitWords } from '../search.ts'
import { SMALL_WORDS } from './small-words.ts'

/** 不可以, 可以退款. */
const HAN_LETTERS_MAX = 4

/** Too short to speak of anything: "Yes", "Nein", "可以退", "4." */
export function isBrief(text: string): boolean {
  const letters = text.match(/[\p{L}\p{N}]/gu) ?? []
  if (LIST_NUMBER.test(text)) return true
  if (/\p{N}/u.test(text)) return false
  if (letters.some((letter) => /\p{scx=Han}/u.test(letter))) return letters.length <= HAN_LETTERS_MAX
  return splitWords(text).every(({ text: word }) => word.length < 3 || SMALL_WORDS.has(word) || ASSENT.has(word))
}

const LIST_NUMBER = /^\s*\p{N}{1,2}\s*[.)]?\s*$/u

/** The head of what follows: "There are two cases:". */
export function isHead(text: string): boolean {
  return /[:：]\s*\**\s*$/.test(text)
}

const ASSENT = new Set('yes no not nein ja doch oui non si sí claro نعم لا كلا correct right genau richtig'.split(' '))

const SOURCES = [
  'sources?|documents?|passages?|excerpts?|extracts?|texts?',
  'quellen?|dokumenten?|dokumente|unterlagen|passagen?|textstellen?|auszügen?|auszüge|textauszügen?',
  'extraits?|textes?',
  'fuentes?|documentos?|pasajes?|fragmentos?|extractos?|textos?',
].join('|')
/** What people call a document that they have before them. */
const KINDS = [
  'leaflet|manual|handbook|guide|information|materials?|minutes|report|contract|policy|terms|agreement',
  'anleitung|merkblatt|satzung|vertrag|protokoll|bericht|angaben',
  'notice|contrat|règlement|guide|compte rendu|rapport',
  'manual|contrato|acta|informe|folleto|guía|prospecto|reglamento',
].join('|')
const HAN_OR_ARABIC = '资料|文档|文件|来源|原文|材料|片段|المصادر|المستندات|مستنداتك|الوثائق|النص|المقاطع|المقتطفات'
const NAMES_SOURCES = new RegExp(String.raw`(?<!\p{L})(?:${SOURCES})(?!\p{L})|${HAN_OR_ARABIC}`, 'iu')
const NAMES_DOCUMENT = new RegExp(String.raw`(?<!\p{L})(?:${SOURCES}|${KINDS})(?!\p{L})|${HAN_OR_ARABIC}`, 'iu')
/** Where its subject stands. */
const BEGINNING_LENGTH = 40

/** "The contractor is not named there": that something is not told can be looked up nowhere. */
const NOT_TOLD = new RegExp(
  [
    String.raw`(?<!\p{L})(?:not|n['’]t|never|no)\s(?:\p{L}+\s){0,2}(?:named?|mention(?:ed)?|stated?|specif(?:y|ied)|listed|lists?|given|indicated?|described?|sa(?:y|id)|told|tell)(?!\p{L})|(?<!\p{L})(?:lists?|names?|mentions?|states?|gives?|specifies|says?)\s(?:no|nothing)(?!\p{L})`,
    String.raw`(?<!\p{L})(?:nicht|kein\p{L}*)\s(?:\p{L}+\s){0,3}(?:genannt|erwähnt|angegeben|aufgeführt|beschrieben|hervor|festgelegt|beziffert|nennt|nennen)(?!\p{L})`,
    String.raw`(?<!\p{L})(?:n['’]\p{L}+|ne\s\p{L}+)\s(?:pas|aucun\p{L}*)\s(?:\p{L}+\s){0,2}(?:précis\p{L}*|mentionn\p{L}*|indiqu\p{L}*)|ne\s(?:précise|mentionne|indique)\p{L}*\s(?:pas|aucun)`,
    String.raw`(?<!\p{L})no\s(?:se\s)?(?:indica\p{L}*|menciona\p{L}*|especifica\p{L}*|precisa\p{L}*|detalla\p{L}*|dice\p{L}*|figura\p{L}*|consta\p{L}*|aparece\p{L}*)`,
    '(?:没有?|未|并未)(?:写明|注明|提及|提到|说明|列出|规定|给出|标明)|(?:لم|لا)\\s(?:ي|ت)?(?:ُ)?(?:ذكر|حدد|رد|وضح|تضمن)',
  ].join('|'),
  'iu',
)

/** Whether it speaks of the sources as such: anywhere where it names none of them, at its beginning where it does. */
export function isAboutSources(text: string, hasMarker: boolean): boolean {
  if (NOT_TOLD.test(text)) return true
  return hasMarker ? NAMES_SOURCES.test(text.slice(0, BEGINNING_LENGTH)) : NAMES_DOCUMENT.test(text)
}

/** Without the half that says what is not told: "It is £62 a year; the sources do not say from when." */
export function withoutRemarks(text: string): string {
  const halves = text.split(';')
  const told = halves.filter((half) => !(NOT_TOLD.test(half) && NAMES_DOCUMENT.test(half)))
  return told.length === 0 ? text : told.join(';')
}
