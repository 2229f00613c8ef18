/** Papers with faithful statements about them, from folders as in tests/fixtures/answers; what they are is told in its README.md. */
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { CheckedSource } from '../../src/chat/check.ts'
import type { Language } from './mutations.ts'

export const ANSWERS_FOLDER = join(import.meta.dirname, '../fixtures/answers')

/** A faithful statement, and what was asked where it is an answer. */
export interface Case {
  paper: string
  n: number
  /** A source that does not say so. */
  other: number
  language: Language
  claim: string
  question: string
  text: string
}

export interface AnswerSet {
  name: string
  sources: CheckedSource[]
  cases: Case[]
}

/** Of the papers whose names do not tell; the others are English. */
const LANGUAGE_OF: Readonly<Record<string, Language>> = {
  ...{ contract: 'de', gemeinde: 'de', hotel: 'de', kita: 'de', verein: 'de', versand: 'de', wasser: 'de' },
  ...{ camping: 'fr', musee: 'fr', biblioteca: 'es', gimnasio: 'es', receta: 'es' },
}

/** Either `NAME.claims.txt`, a statement in each line, or `NAME.answers.txt`, where lines that begin with `? ` are the questions. */
const KINDS = /\.(?:claims|answers)\.txt$/

export function readAnswerSet(folder: string, isWanted: (paper: string) => boolean = () => true): AnswerSet {
  const files = globSync('*.{claims,answers}.txt', { cwd: folder })
    .filter((file) => isWanted(file.replace(KINDS, '')))
    .sort()
  const sources = files.map((file, index) => {
    const name = file.replace(KINDS, '.txt')
    return { n: index + 1, name, heading: '', text: readFileSync(join(folder, name), 'utf8') }
  })
  const cases = sources.flatMap(({ n, text }, index) => {
    const paper = files[index]!.replace(KINDS, '')
    const language = (paper.split('.')[1] as Language | undefined) ?? LANGUAGE_OF[paper] ?? 'en'
    const other = (n % sources.length) + 1
    return statementsIn(join(folder, files[index]!)).map((statement) => ({
      ...{ paper, n, other, language, text },
      ...statement,
    }))
  })
  return { name: basename(folder), sources, cases }
}

function statementsIn(file: string): { claim: string; question: string }[] {
  let question = ''
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line) => line.trim())
    .flatMap((line) => {
      if (line.startsWith('? ')) question = line.slice(2)
      return line === '' || line.startsWith('? ') ? [] : [{ claim: line, question }]
    })
}
