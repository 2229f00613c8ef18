/** Takes what is said in the open chat out of the page: as a file, or on paper. */
import { asRequestError } from '../api-client.ts'
import { type Footnote, markdownOf } from '../chat-text.ts'
import { t } from '../messages.ts'
import { announce } from './announcer.ts'
import { exchanges, loadEarlier, opened } from './conversation.ts'

export const footnote: Footnote = ({ name, page, quote, url }) =>
  `${name}, ${page === null ? (url ?? '') : t.place(page)}: “${quote}”`

export async function saveAsMarkdown(title: string): Promise<void> {
  await whole()
  const told = exchanges.peek().map(({ question, text, citations }) => {
    return { question, answer: text.peek(), citations: citations.peek() }
  })
  const url = URL.createObjectURL(new Blob([markdownOf(title, told, footnote)], { type: 'text/markdown' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${title.replace(/[\\/:*?"<>|\p{Cc}]/gu, ' ').trim()}.md`
  link.click()
  URL.revokeObjectURL(url)
}

export async function printChat(): Promise<void> {
  await whole()
  print()
}

/** What was said earlier belongs to it. */
async function whole(): Promise<void> {
  try {
    while (opened.peek().earlier.peek() !== null) await loadEarlier()
  } catch (error) {
    announce(asRequestError(error).message)
  }
}
