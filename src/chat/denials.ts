/**
 * What a sentence denies, clause by clause: behind a "not" of any language, behind an "except", or within a word like "forbidden"
 * (not allowed), "optional" (not required), "unclear" (not clear). Bounds ("no more than") are no denials; words that turn a meaning
 * in part ("only", "until", "extra") are told by themselves.
 */
import { splitWords } from '../search.ts'
import { stemOf } from './stems.ts'

export interface Reading {
  words: ReadonlySet<string>
  clauses: Clause[]
  /** Of a table's row. */
  hasEmptyCell: boolean
}

export interface Clause {
  /** With the ideas that are denied by a word of their own. */
  words: string[]
  denials: Denial[]
  /** By a "not" or by a word that denies, but not by both: "not forbidden". */
  isDenial: boolean
  /** Words that turn the meaning in part. */
  open: string[]
  /** Of two parts, of which one may be denied. */
  isJoined: boolean
  /** "If not". */
  isCondition: boolean
  /** "Only by letter": what else there is, it leaves out. */
  hasOnly: boolean
}

export interface Denial {
  /** What is denied. */
  words: string[]
  predicate: string | undefined
  /** Without the predicate the others say little. */
  needsPredicate: boolean
  /** One that denies by itself. */
  word?: string
  kind: 'not' | 'except' | 'within'
}

/** Like the Spanish number of foreigners, which are no "never". */
const ACRONYMS = /(?<!\p{L})(?:NIE|NE|NI|PAS)(?!\p{L})/gu
/** Vowel signs, which are written or not. */
const ARABIC_MARKS = /[\u064b-\u0652\u0670\u0640]/g

/** `others` are the words of the text that it is compared with. */
export function read(text: string, others: ReadonlySet<string>): Reading {
  const plain = text
    .replace(ARABIC_MARKS, '')
    .replace(ACRONYMS, '')
    .replaceAll('\n', ' ')
    .replace(BOUND, (bound) => ' '.repeat(bound.length))
  const clauses = withLists(plain.split(CLAUSE_END).map((clause) => ({ ...readClause(clause, others), text: clause })))
  return { words: new Set(clauses.flatMap(({ words }) => words)), clauses, hasEmptyCell: EMPTY_CELL.test(plain) }
}

const EMPTY_CELL = /\|\s*[–—-]\s*(?:\||$)/m
const LISTED_WORDS_MAX = 4

/** "Not beside a bath, shower or pool": what is listed behind a denial is denied with it. */
function withLists(clauses: readonly (Clause & { text: string })[]): Clause[] {
  return clauses.map(({ text, ...clause }, index) => {
    const before = clauses[index - 1]
    const isListed = clause.isJoined && clause.denials.length === 0 && splitWords(text).length <= LISTED_WORDS_MAX
    return before?.isDenial && isListed
      ? { ...clause, words: [...before.words, ...clause.words], denials: before.denials, isDenial: true }
      : clause
  })
}

function readClause(text: string, others: ReadonlySet<string>): Clause {
  const words = wordsOf(text)
  const denials: Denial[] = []
  for (const { 0: negation, index } of text.matchAll(NEGATION)) {
    const [before, behind] = [wordsOf(text.slice(0, index)), wordsOf(text.slice(index + negation.length))]
    const missing = behind.length < DENIED_WORDS_MIN ? DENIED_WORDS - behind.length : 0
    // When and how much is not what is denied: "was tried at 2:50 and did not succeed".
    const denied = [...(missing > 0 ? withoutFigures(before).slice(-missing) : []), ...behind.slice(0, DENIED_WORDS)]
    const predicate = behind[0] ?? before.at(-1)
    denials.push({ words: denied, predicate, needsPredicate: behind.length === 0, kind: 'not' })
  }
  for (const { 0: word, index } of text.matchAll(EXCEPTING)) {
    const denied = wordsOf(text.slice(index + word.length)).slice(0, DENIED_WORDS)
    denials.push({ words: denied, predicate: denied[0], needsPredicate: false, kind: 'except' })
  }
  for (const [idea, pattern] of DENYING_WORDS) {
    for (const { 0: word, index } of text.matchAll(pattern)) {
      const around = [
        ...withoutFigures(wordsOf(text.slice(0, index))).slice(-DENIED_WORDS),
        ...wordsOf(text.slice(index + word.length)).slice(0, DENIED_WORDS),
      ]
      denials.push({
        words: around.filter((other) => other !== idea),
        predicate: idea,
        word: stemOf(word.toLowerCase()),
        needsPredicate: true,
        kind: 'within',
      })
      words.push(idea)
    }
  }
  for (const { text: word } of splitWords(text)) {
    const rest = PREFIXED.exec(word)?.[1]
    if (rest === undefined || others.has(word) || !others.has(rest)) continue
    denials.push({
      words: words.filter((other) => other !== stemOf(word)).slice(0, DENIED_WORDS),
      predicate: stemOf(rest),
      needsPredicate: true,
      kind: 'within',
    })
    words.push(stemOf(rest))
  }
  const open = [...text.matchAll(OPEN_WORDS)].map(([word]) => stemOf(word.toLowerCase()))
  return {
    words,
    denials,
    isDenial: isDenying(text, denials),
    open,
    isJoined: JOINED.test(text),
    isCondition: CONDITION.test(text),
    hasOnly: ONLY.test(text),
  }
}

/** A "not" denies, unless it stands before a word that denies itself, or before an "except": "not forbidden", "not without". */
function isDenying(text: string, denials: readonly Denial[]): boolean {
  const has = (wanted: Denial['kind']) => denials.some(({ kind }) => kind === wanted)
  if (!has('not')) return denials.length > 0
  return !NOT_WITHIN.test(text) && !NOT_EXCEPT.test(text)
}

const NOT = "not|nicht|pas|no|never|nie|jamais|nunca|nor|kein\\p{L}*|\\p{L}+n['’]t"

/** With an "except" anywhere behind it, a "not" is an "only". */
const NOT_EXCEPT =
  /(?<!\p{L})(?:not|nicht|pas|no|never|nie|jamais|nunca)\s+(?:\p{L}+\s+){0,2}(?:without|ohne|sans|sin)(?!\p{L})|(?<!\p{L})(?:not|nicht|pas|no|never|nie|jamais|nunca|لا|لم|لن)\s.*(?<!\p{L})(?:except|unless|außer|sauf|salvo|إلا)(?!\p{L})/iu

const CONDITION = /^\s*(?:(?:if|when|unless|wenn|falls|si|cuando)(?!\p{L})|إذا|如果|若)/iu
const ONLY = /(?<!\p{L})(?:only|nur|seulement|solo|sólo|únicamente|فقط)(?!\p{L})|[只仅]/iu
const JOINED = /(?<!\p{L})(?:and|or|und|oder|et|ou|y|o)(?!\p{L})/iu

function withoutFigures(words: readonly string[]): string[] {
  return words.filter((word) => !/\p{N}/u.test(word))
}

/** Ideas or beginnings of the words that carry something, in order. */
function wordsOf(text: string): string[] {
  return splitWords(text)
    .filter(({ text: word }) => isTelling(word))
    .map(({ text: word }) => IDEA_OF.get(stemOf(word)) ?? stemOf(word))
}

export function isIdea(word: string): boolean {
  return IDEAS.some(([idea]) => idea === word)
}

function isTelling(word: string): boolean {
  return (word.length > 2 && !SMALL_WORDS.has(word)) || /[\p{N}\p{scx=Han}]/u.test(word)
}

const inWords = (words: string) => String.raw`(?<![\p{L}\p{N}])(?:${words})(?![\p{L}\p{N}])`

const NEGATION = new RegExp(
  [
    inWords(
      String.raw`not|no|never|none|nobody|nothing|neither|nor|cannot|\p{L}+n['’]t|nicht|kein\p{L}*|nie|niemals|niemand|nichts|weder|pas|jamais|aucun\p{L}*|rien|ni|nunca|ningun\p{L}*|ningún|nada|nadie|tampoco|nessun\p{L}*|não|niet|geen|non|ne`,
    ),
    String.raw`(?<!\p{L})n['’](?=\p{L})`,
    String.raw`(?<!\p{L})[وف]?(?:لا|لم|لن|ليس|ليست|غير)(?!\p{L})`,
    '(?:不(?!过|同|仅|断|[得要可能应]?(?:少于|多于|超过|低于|高于|早于|晚于))|没有?|未|勿|无(?=[须需法效权]))(?:能|可以|可|得|会|用|必|需要|需|应)?',
  ].join('|'),
  'giu',
)
/** What looks like a denial and sets a bound. */
const BOUND = new RegExp(
  [
    inWords(
      'not only|(?:no|not|never) (?:[a-z]+ ){1,3}than|(?:not|never) (?:to )?(?:exceed(?:ing)?|over|above|below|under|before|until|beyond)|nicht nur|nicht (?:mehr|weniger) als|nicht (?:[a-zäöü]+ ){0,2}[a-zäöü]+er als|nicht (?:über|unter|vor)|pas (?:plus|moins) (?:de|que|tard)|pas seulement|non seulement|no (?:más|menos|mayor|menor|antes) (?:de|que)|no (?:solo|sólo)|n[io] (?:superior|inferior|mayor|menor)|sin que [^.,;]{0,40} (?:inferior|superior|mayor|menor)',
    ),
    // "N'est ouvert qu'à partir de 8 ans": only.
    String.raw`(?<!\p{L})n(?:e |['’])\p{L}+ (?:(?!pas|plus|jamais|rien|aucun)\p{L}+ ){0,2}qu(?:e |['’])`,
    'لا (?:يقل|يزيد|تقل|تزيد|يتجاوز|تتجاوز)',
  ].join('|'),
  'giu',
)
/** Words that deny of themselves, by what they deny. */
const DENYING: readonly (readonly [string, string])[] = [
  [
    'allow',
    'forbidden|forbids?|prohibited|prohibits?|banned|verboten|untersagt|unzulässig|interdite?s?|défendue?s?|prohibid[oa]s?|prohíbe|ممنوع|يمنع',
  ],
  [
    'open',
    '(?<=(?:is|are|was|were|be|been|remains?|stays?) )closed|(?<=^\\s*)closed|shut|geschlossen|gesperrt|fermée?s?|cerrad[oa]s?|مغلق|مغلقة',
  ],
  [
    'cost',
    'free(?! (?:from|of(?! charge)))|gratis|gratuite?s?|gratuitement|gratuit[oa]s?|kostenlos|kostenfrei|freien Eintritt|مجاني|مجانية|مجانا',
  ],
  [
    'require',
    'optional|voluntary|unnecessary|freiwillig|entbehrlich|unnötig|facultati(?:f|ve)s?|facultativ[oa]s?|opcional(?:es)?|voluntari[oa]s?|اختياري|اختيارية',
  ],
  ['recommend', 'discouraged|advised against|abgeraten|déconseillée?s?|desaconsejad[oa]s?|desaconseja'],
  ['include', 'exclude[sd]?|excluding|ausgeschlossen|ausgenommen|exclue?s?|excluid[oa]s?'],
]
/** What is denied stands behind them. */
const EXCEPTING = new RegExp(
  inWords(
    'except|excluding|free from|free of(?! charge)|frei von|libre de|exempt de|without|ohne|außer|sans|sauf|hors|sin|salvo|excepto|دون|بدون|إلا',
  ),
  'giu',
)
const OPEN_WORDS = new RegExp(
  [
    inWords(
      String.raw`cancel\p{L}*|withdr[ae]w\p{L}*|renonc\p{L}*|annul\p{L}*|absag\p{L}*|abgesagt|un(?![adeiost])\p{L}{4,}|only|exception|stop(?:s|ped)?|ceased?|lose|loses|lost|until|unless|outside|inside|instead|rather|separate(?:ly)?|additional(?:ly)?|closes|exempt(?:ed)?|waive[ds]?|fails?|failed|refused?|refuses|reject\p{L}*|declin\p{L}*|unable|lack(?:s|ed|ing)?|missing|avoid(?:ed)?|skip|nur|erst|statt|schließt|draußen|zusätzlich|gesondert|abgelehnt|lehnt|entfällt|fehlt\p{L}*|befreit|verneinte?|denied|denies|otherwise|or else|sonst|andernfalls|ansonsten|sinon|de lo contrario|en caso contrario|\p{L}{4,}frei(?:e[nrms]?)?|seule?s?|seulement|exception|refus\p{L}*|manqu\p{L}*|ferme|solo|sólo|únicamente|exclusiv\p{L}*|falta\p{L}*|fuera|außerhalb|dehors|pierde\p{L}*|perd\p{L}*|verlier\p{L}*|evit\p{L}*|cierra|exent[oa]s?|exonér\p{L}*|dispens\p{L}*|entfallen|erlassen|و?[يت]عف[ىي]|معف[ىي]|فقط|خارج|سوى`,
    ),
    '只|仅|闭馆|关闭|免费|除外|以外|自愿|可选|禁止|否则|不然|وإلا',
  ].join('|'),
  'giu',
)
/** Words of one idea, in whatever language; those that deny it have the same. */
const IDEAS: readonly (readonly [string, string])[] = [
  [
    'recommend',
    'recommended recommend recommends advised empfohlen empfiehlt recommande recommandee recomienda recomendado',
  ],
  [
    'allow',
    'allowed allow permitted permit permissible possible may can could erlaubt gestattet zulassig moglich durfen darf konnen kann permis autorise autorises accepte acceptes peut peuvent permite permitido permitida puede pueden autorizado posible welcome accepted admis admitido',
  ],
  ['open', 'open opens opened offen geoffnet offnet abre abren abierto abierta ouvert ouverte ouvre'],
  [
    'cost',
    'pay pays paid cost costs charged charge fee price zahlen zahlt kostet kosten bezahlen paient paie facture coute coutent payer pagan paga cuesta pagar',
  ],
  [
    'require',
    'required require requires necessary needed need needs obligatory mandatory notig erforderlich notwendig pflicht necessaire obligatoire utile exige exigee necesario obligatorio requiere necesita',
  ],
  ['include', 'included includes include covered enthalten inbegriffen compris inclus incluido incluida'],
]
const IDEA_OF: ReadonlyMap<string, string> = new Map(
  IDEAS.flatMap(([idea, words]) => words.split(' ').map((word): [string, string] => [stemOf(word), idea])),
)
const NOT_WITHIN = new RegExp(
  String.raw`(?<!\p{L})(?:${NOT})\s+(?:\p{L}+\s+){0,2}(?:${DENYING.map(([, words]) => words).join('|')})(?!\p{L})|(?:لا|ليس|غير)\s(?:\p{L}+\s){0,2}(?:ممنوع|مغلق|مجاني|اختياري)|[不没未](?:是)?(?:禁止|免费|关闭)`,
  'iu',
)
const DENYING_WORDS = DENYING.map(([idea, words]): [string, RegExp] => [idea, new RegExp(inWords(words), 'giu')])
/** `unclear`, `inactive`, `unverändert`: what is left must be a word of the other text. */
const PREFIXED = /^(?:un|in|im|ir|il|dis|non)(\p{L}{4,})$/u

const CLAUSE_END =
  /[.,;:!?()](?!\d)|\||\n|[，。；：！？、،؛؟]|(?<!\p{L})(?:but|aber|sondern|mais|pero|sino|لكن)(?!\p{L})/u
/** So many words behind a negation are taken to be denied, within its clause; where there are fewer, those before it as well. */
const DENIED_WORDS = 3
const DENIED_WORDS_MIN = 2
const SMALL_WORDS = new Set(
  'the and for but was are has had its they them this that these those same any all his her their you your who does did should would will shall must have been being with from der die das den dem des und ein eine einen von vom zum zur bis ist sind wird werden muss mussen auf mit bei les des une los las del per che est sont par pour dans aux doit con por para una que debe'.split(
    ' ',
  ),
)
