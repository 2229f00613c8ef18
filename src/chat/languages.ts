/** Which of the languages that we speak a text is in, by its script and its smallest words. Where it does not show, nothing is guessed. */

/** Those of the page. */
export const LANGUAGES = ['en', 'de', 'es', 'fr', 'zh', 'ar'] as const
export type Language = (typeof LANGUAGES)[number]

/**
 * Words that carry grammar, and a few that ask. The neighbours are here to be told apart: what is theirs is none of ours. A word
 * of several languages counts for each of them by its share.
 */
const SMALL_WORDS = {
  en: 'the of and is are was were that for with what which who whom whose when where why how does do did has have can could my your you there about from this these those many much all list show give summarise summarize',
  de: 'der die das den dem des und ist sind war waren mit für was welche welcher welches welchen wer wen wem wann wo warum wie viele viel hat haben kann ich mein meine meinen es gibt nicht ein eine einen einem einer über von vom zum zur im auf aus bei nach wird werden alle diese dieser dieses diesen fasse nenne zeige zusammenfassung',
  es: 'el la los las del de y en es son era fue que qué cuál cuáles quién cuándo dónde cómo por para con cuántos cuántas cuánto una un hay tiene tengo mi mis está están se al sobre este esta estos todos todas no resume resumen enumera muestra',
  fr: 'le la les des du de et en est sont était que qu quel quelle quels quelles qui quand où comment pourquoi combien une un dans avec pour sur au aux ce cette ces il elle je mon mes vous nous ont pas par se tous toutes résume résumé énumère montre',
  italian:
    'il lo gli la di che è e al alla alle ai del della dei delle un una per con non si sono nel quale quali chi quando dove come perché quanti quante in',
  portuguese:
    'o os as a do da dos das de que é e em um uma para com por não no na qual quais quem quando onde como quantos quantas',
  dutch: 'de het een en van is zijn was met voor wat welke wie wanneer waar waarom hoe hoeveel op niet dat deze in',
  scandinavian: 'och att det som är en på av för med den til og er på ikke hva vad hvad hvor hvem vem',
  polish: 'i w na z do się jest są nie co kto gdzie kiedy jak jaki jaka dla od',
} satisfies Record<Exclude<Language, 'zh' | 'ar'> | Neighbour, string>
type Neighbour = 'italian' | 'portuguese' | 'dutch' | 'scandinavian' | 'polish'
type Spoken = keyof typeof SMALL_WORDS

const SPEAKERS = new Map<string, Spoken[]>()
for (const [language, words] of Object.entries(SMALL_WORDS) as [Spoken, string][]) {
  for (const word of new Set(words.split(' '))) SPEAKERS.set(word, [...(SPEAKERS.get(word) ?? []), language])
}

/** Longer texts say nothing new of their language. */
const SAMPLE_LENGTH = 4000
/** Characters per small word: prose has one in 10 to 40. */
const EVERY_MAX = 120
/** Of the letters: a name in another script does not make the language. */
const SCRIPT_SHARE_MIN = 0.3

export function languageOf(text: string): Language | undefined {
  const sample = text.slice(0, SAMPLE_LENGTH)
  const letters = countOf(sample, /\p{L}/gu)
  const byScript = scriptOf(sample, letters * SCRIPT_SHARE_MIN)
  return byScript === 'letters' ? byWords(sample) : byScript
}

/** A script that is written in none of our languages is none; `letters`: those of which words have to tell. */
function scriptOf(sample: string, lettersMin: number): Language | 'letters' | undefined {
  const [han, arabic] = [countOf(sample, /\p{Script=Han}/gu), countOf(sample, /\p{Script=Arabic}/gu)]
  // Japanese, Persian and Urdu are written with signs of their own among these.
  if (han > 0 && han >= lettersMin) return /[\p{Script=Hiragana}\p{Script=Katakana}]/u.test(sample) ? undefined : 'zh'
  if (arabic > 0 && arabic >= lettersMin) return /[پچژگکیٹڈڑے]/u.test(sample) ? undefined : 'ar'
  return 'letters'
}

function byWords(sample: string): Language | undefined {
  const [weights, counts] = [new Map<Spoken, number>(), new Map<Spoken, number>()]
  for (const [word] of sample.toLowerCase().matchAll(/\p{L}+/gu)) {
    const speakers = SPEAKERS.get(word) ?? []
    for (const language of speakers) {
      weights.set(language, (weights.get(language) ?? 0) + 1 / speakers.length)
      counts.set(language, (counts.get(language) ?? 0) + 1)
    }
  }
  const [best, second] = [...weights].sort(([, a], [, b]) => b - a)
  if (!best || best[1] === second?.[1]) return undefined
  const [language] = best
  if (sample.length > EVERY_MAX * counts.get(language)!) return undefined
  return isOurs(language) ? language : undefined
}

function isOurs(language: string): language is Language {
  return (LANGUAGES as readonly string[]).includes(language)
}

/** The first of ours that the header `Accept-Language` names, as it weighs them. */
export function acceptedLanguage(header: string | null): Language | undefined {
  return (header ?? '')
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().toLowerCase().split(';')
      const weight = parameters.map((one) => /^\s*q=([\d.]+)$/.exec(one)?.[1]).find((one) => one !== undefined)
      return { language: tag.split('-')[0]!, weight: Number(weight ?? 1) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ language }) => language)
    .find(isOurs)
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}
