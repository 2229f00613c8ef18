/** What a model wrote, with buttons for its markers. Plain paragraphs until the reader of Markdown has arrived. */
import { signal } from '@preact/signals'
import { createElement, type VNode } from 'preact'
import { piecesOf } from '../answer-blocks.ts'
import type { MarkdownNode } from '../markdown.ts'
import { t } from '../messages.ts'
import type { Citation } from '../wire.ts'
import { show } from './quote-card.tsx'

/** Longer text is shown as it is: parsing it again for each frame would be felt. */
const MARKDOWN_CHARACTERS_MAX = 200_000

const markdown = signal<typeof import('../markdown.ts') | undefined>(undefined)

/** Called as soon as a model is asked: its first words take longer than this. */
export async function loadMarkdown(): Promise<void> {
  markdown.value ??= await import('../markdown.ts')
}

export function WrittenText({ text, citations }: { text: string; citations: readonly Citation[] }) {
  if (markdown.value !== undefined && text.length <= MARKDOWN_CHARACTERS_MAX) {
    return <div class="written">{elements(markdown.value.parseMarkdown(text), citations)}</div>
  }
  return (
    <div class="written">
      {text.split(/\n{2,}/).map((paragraph) => (
        <p dir="auto">
          <MarkedText text={paragraph} citations={citations} />
        </p>
      ))}
    </div>
  )
}

function elements(nodes: readonly MarkdownNode[], citations: readonly Citation[]): (VNode | string)[] {
  return nodes.map((node) => {
    if ('text' in node) return <MarkedText text={node.text} citations={citations} />
    const { tag, start, children } = node
    return createElement(tag, { dir: 'auto', ...(start === undefined ? {} : { start }) }, elements(children, citations))
  })
}

export function MarkedText({ text, citations }: { text: string; citations: readonly Citation[] }) {
  return (
    <>
      {piecesOf(text, citations).map((piece) => {
        if (piece.type === 'words') return piece.text
        const { n, name, page } = piece.citation
        return (
          <button
            type="button"
            class="marker"
            aria-label={t.quoteOf(n, name, page)}
            onClick={() => show(piece.citation, citations)}
          >
            {n}
          </button>
        )
      })}
    </>
  )
}
