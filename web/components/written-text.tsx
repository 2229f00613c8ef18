/** What a model wrote, with buttons for its markers. Plain paragraphs until the reader of Markdown has arrived. */
import { signal } from '@preact/signals'
import { Component, type ComponentChild, createElement } from 'preact'
import { useRef } from 'preact/hooks'
import { piecesOf } from '../answer-blocks.ts'
import type { MarkdownNode, MarkdownReading } from '../markdown.ts'
import type { Citation } from '../wire.ts'
import { Marker } from './marker.tsx'

/** Longer text is shown as it is: parsing it again for each frame would be felt. */
const MARKDOWN_CHARACTERS_MAX = 200_000

const markdown = signal<typeof import('../markdown.ts') | undefined>(undefined)

/** Called as soon as a model is asked: its first words take longer than this. */
export async function loadMarkdown(): Promise<void> {
  markdown.value ??= await import('../markdown.ts')
}

export function WrittenText({ text, citations }: { text: string; citations: readonly Citation[] }) {
  const reading = useRef<MarkdownReading>(undefined)
  if (markdown.value === undefined || text.length > MARKDOWN_CHARACTERS_MAX) {
    return <Paragraphs text={text} citations={citations} />
  }
  reading.current = markdown.value.readMarkdown(text, reading.current)
  return (
    <div class="written">
      {reading.current.blocks.map((node, i) => (
        <Block key={i} node={node} citations={citations} />
      ))}
    </div>
  )
}

function Paragraphs({ text, citations }: { text: string; citations: readonly Citation[] }) {
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

interface BlockProps {
  node: MarkdownNode
  citations: readonly Citation[]
}

/** A class for the sake of one question: a finished block is not drawn again while the next ones come. */
class Block extends Component<BlockProps> {
  override shouldComponentUpdate(next: BlockProps): boolean {
    return next.node !== this.props.node || next.citations !== this.props.citations
  }

  override render({ node, citations }: BlockProps) {
    return elementOf(node, citations)
  }
}

function elementOf(node: MarkdownNode, citations: readonly Citation[]): ComponentChild {
  if ('text' in node) return <MarkedText text={node.text} citations={citations} />
  const { tag, start, children } = node
  const attributes = { dir: 'auto', ...(start === undefined ? {} : { start }) }
  return createElement(
    tag,
    attributes,
    children.map((child) => elementOf(child, citations)),
  )
}

export function MarkedText({ text, citations }: { text: string; citations: readonly Citation[] }) {
  return (
    <>
      {piecesOf(text, citations).map((piece) =>
        piece.type === 'words' ? piece.text : <Marker citation={piece.citation} trail={citations} />,
      )}
    </>
  )
}
