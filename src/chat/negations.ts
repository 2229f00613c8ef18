/**
 * Statements that deny what their source says, or say what it denies. Three rules:
 *
 * 1. The statement denies, and where the source speaks of the same nothing is denied.
 * 2. The source denies, and the statement has the denied words and denies nothing.
 * 3. The statement denies nothing, and all of the source that speaks of the same does.
 *
 * Where the source has words that turn its meaning in part, nothing is decided.
 */
import { splitSentences, splitWords } from '../search.ts'
import { type Clause, isIdea, type Reading, read } from './denials.ts'

/** Of the denied words, so many must be in the statement for both to speak of the same. */
const SHARE_MIN = 0.6
/** A sentence of the source speaks of the same when it has so much of the statement's clause, and nearly as much as the best. */
const SPEAKING_MIN = 0.2
const SPEAKING_OF_BEST = 0.75

/** Whether the claim denies what the quotes say, or says what they deny; the question may have the denial for both. */
export function hasFlippedNegation(claim: string, quotes: string, question: string): boolean {
  const sentences = splitSentences(quotes)
    .map(({ start, end }) => quotes.slice(start, end))
    .filter((sentence) => !QUESTION.test(sentence) && !TABLE_HEAD.test(sentence))
  const source = sentences.map((sentence) => read(sentence, wordsIn(claim)))
  const statement = read(claim, wordsIn(quotes))
  if (deniesWhatIsSaid(statement, source)) return true
  // "What if I have not registered?" An answer need not say again that somebody has not.
  if (read(question, new Set()).clauses.some(({ denials }) => denials.some(({ kind }) => kind === 'not'))) return false
  return saysWhatIsDenied(statement, source) || saysOnlyWhatIsDenied(statement, source)
}

/** They say nothing. */
const QUESTION =
  /[?？؟]\s*$|(?<!\p{L})(?:(?:asks?|asked|wonders?|fragte?|erkundigte? sich|demande|pregunta|preguntó)(?:\s\p{L}+){0,3},?\s(?:ob|whether|if|si))(?!\p{L})/iu
const TABLE_HEAD = /^[^\p{N}]*\|[^\p{N}]*\|[^\p{N}]*$/u

function deniesWhatIsSaid(statement: Reading, source: readonly Reading[]): boolean {
  // Which cell of its row is empty, the words do not tell.
  if (source.some(({ hasEmptyCell }) => hasEmptyCell)) return false
  return statement.clauses.some((denying) => {
    const { words, denials: all, isDenial, isCondition, open } = denying
    // "Without a break" and "if you do not want it" deny nothing of the source.
    const denials = all.filter(({ kind }) => kind !== 'except')
    if (denials.length === 0 || isCondition) return false
    // "Only by letter, not by phone": the source may have either half.
    if (statement.clauses.some((other) => other !== denying && other.hasOnly)) return false
    const speaking = speakingOf(words, source)
    if (speaking.length === 0) return false
    const denied = denials.flatMap((denial) => denial.words)
    const clauses = speaking.flatMap((sentence) => sentence.clauses).filter((clause) => isAbout(clause, words))
    // "Is not closed", where the source has "closed" and no "not".
    const own = denials.flatMap(({ word }) => word ?? [])
    const having = clauses.filter((clause) =>
      clause.denials.some(({ word }) => word !== undefined && own.includes(word)),
    )
    const hasNot = (clause: Clause) => clause.denials.some(({ kind }) => kind === 'not')
    const isDoublyDenied = denials.some(
      ({ kind, words: denied }) => kind === 'not' && own.some((word) => denied.includes(word)),
    )
    if (isDoublyDenied && having.length > 0 && !having.some(hasNot)) return true
    if (clauses.some((clause) => clause.open.some((word) => !open.includes(word)))) return false
    const isDeniedElsewhere = source.some((sentence) =>
      sentence.clauses.some(
        (clause) =>
          clause.isDenial &&
          (share(clause.words, new Set(words)) === 1 ||
            [denied, ...denials.map((denial) => denial.words)].some(
              (each) => shareOfBeginnings(each, clause.words) >= DENIED_ELSEWHERE_MIN,
            )),
      ),
    )
    if (isDenial && isDeniedElsewhere) return false
    // "A place that is free" has nothing to do with money.
    const isMeant = denials.some(
      ({ kind, predicate, word }) =>
        kind !== 'within' ||
        clauses.some((clause) => clause.words.includes(predicate!) && !clause.words.includes(word!)),
    )
    if (!isMeant) return false
    // "Is not closed" says no less than "is open", and otherwise than "is closed".
    return isDenial
      ? !clauses.some((clause) => clause.isDenial)
      : clauses.length > 0 && clauses.every((clause) => clause.isDenial)
  })
}

/** The sentences that have most of the words, the rarer the heavier. */
function speakingOf(words: readonly string[], source: readonly Reading[]): Reading[] {
  const weights = words.map((word) => 1 / Math.max(1, source.filter((sentence) => sentence.words.has(word)).length))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const covers = source.map((sentence) => {
    const had = weights.filter((_, index) => sentence.words.has(words[index]!))
    return had.reduce((sum, weight) => sum + weight, 0) / total
  })
  const best = Math.max(0, ...covers)
  return best < SPEAKING_MIN ? [] : source.filter((_, index) => covers[index]! >= SPEAKING_OF_BEST * best)
}

/** A clause elsewhere that denies so much of what is denied bears it out. */
const DENIED_ELSEWHERE_MIN = 0.75

const SHORT_CLAUSE_WORDS = 2

/** "Nobody died" belongs to its sentence. */
function isAbout(clause: Clause, words: readonly string[]): boolean {
  return (
    clause.words.some((word) => !isIdea(word) && words.includes(word)) ||
    (clause.isDenial && clause.words.length <= SHORT_CLAUSE_WORDS)
  )
}

function saysWhatIsDenied(statement: Reading, source: readonly Reading[]): boolean {
  const clauses = source.flatMap((sentence) => sentence.clauses)
  const said = [...statement.words]
  return clauses.some(
    ({ denials, words, isDenial }) =>
      isDenial &&
      denials.some(({ words: denied, predicate, needsPredicate }) => {
        const shared = share(denied, statement.words)
        const hasPredicate = predicate === undefined || statement.words.has(predicate)
        if (shared < SHARE_MIN || (!hasPredicate && (needsPredicate || shared < 1))) return false
        const isTurned = statement.clauses.some(
          (clause) =>
            (clause.denials.length > 0 || clause.open.length > 0) && clause.words.some((word) => words.includes(word)),
        )
        // Another clause says it, and more of the statement.
        const cover = share(said, new Set(words))
        return (
          !isTurned && !clauses.some((other) => other.denials.length === 0 && share(said, new Set(other.words)) > cover)
        )
      }),
  )
}

/** A clause that denies must have so much of the statement for the statement to be about nothing else. */
const DENIED_SHARE_MIN = 0.4

/** A clause is said when so much of it is in the statement. */
const SAID_MIN = 0.8

/** The place that has most of the statement denies, and the statement has no sign of it: "the loss is paid for". */
function saysOnlyWhatIsDenied(statement: Reading, source: readonly Reading[]): boolean {
  if (statement.clauses.some(({ denials, open }) => denials.length > 0 || open.length > 0)) return false
  return statement.clauses.some(({ words }) => {
    if (words.length < 2) return false
    const nearby = speakingOf(words, source).flatMap((sentence) => sentence.clauses)
    // "Is not in the box, and has to be bought": what the second half says is said.
    const isSaid = nearby.some(
      (clause) =>
        clause.denials.length === 0 && clause.words.length > 1 && share(clause.words, statement.words) >= SAID_MIN,
    )
    if (isSaid) return false
    const clauses = nearby.filter((clause) => isAbout(clause, words))
    const best = Math.max(0, ...clauses.map((clause) => share(words, new Set(clause.words))))
    const speaking = clauses.filter((clause) => share(words, new Set(clause.words)) >= SPEAKING_OF_BEST * best)
    return (
      best >= DENIED_SHARE_MIN &&
      speaking.every(
        (clause) =>
          clause.isDenial &&
          clause.open.length === 0 &&
          !clause.isJoined &&
          clause.denials.every(({ kind }) => kind !== 'within'),
      )
    )
  })
}

const BEGINNING = 6

/** "Inscrire" and "inscription" speak of the same. */
function shareOfBeginnings(words: readonly string[], among: readonly string[]): number {
  const beginnings = new Set(among.map((word) => word.slice(0, BEGINNING)))
  return share(
    words.map((word) => word.slice(0, BEGINNING)),
    beginnings,
  )
}

function wordsIn(text: string): ReadonlySet<string> {
  return new Set(splitWords(text).map((word) => word.text))
}

function share(words: readonly string[], among: ReadonlySet<string>): number {
  return words.length === 0 ? 0 : words.filter((word) => among.has(word)).length / words.length
}
