/**
 * What a model writes, as a tree of allowed elements. No string of HTML ever exists: HTML in the text stays text, and there
 * are neither links nor images, because both can carry what was read to somebody else. Loaded when the first model answers.
 */
import MarkdownIt, { type Token } from 'markdown-it'

export type MarkdownNode = { text: string } | { tag: Tag; start?: number; children: MarkdownNode[] }

/** Elements as markdown-it names them, and as they are shown: the question is the heading above. */
const TAGS = {
  p: 'p',
  h1: 'h3',
  h2: 'h3',
  h3: 'h4',
  h4: 'h4',
  h5: 'h4',
  h6: 'h4',
  ul: 'ul',
  ol: 'ol',
  li: 'li',
  blockquote: 'blockquote',
  hr: 'hr',
  pre: 'pre',
  code: 'code',
  table: 'table',
  thead: 'thead',
  tbody: 'tbody',
  tr: 'tr',
  th: 'th',
  td: 'td',
  strong: 'strong',
  em: 'em',
  s: 's',
  br: 'br',
} as const
type Tag = (typeof TAGS)[keyof typeof TAGS]

// Beginning from nothing, so that a later version of the library adds nothing by itself.
const parser = new MarkdownIt('zero').enable([
  ...['heading', 'list', 'fence', 'blockquote', 'hr', 'table'],
  ...['emphasis', 'strikethrough', 'backticks', 'escape', 'newline'],
])

/** A text as far as it has come. Blocks before `end` are finished, and are neither parsed again nor made anew. */
export interface MarkdownReading {
  readonly text: string
  readonly blocks: readonly MarkdownNode[]
  readonly finished: number
  readonly end: number
}

/** What the next words may still change: the last block, and the one before it as long as a table or a list could go on. */
const OPEN_BLOCKS = 2

/** Goes on where the reading before ended, or begins anew where the text is another. */
export function readMarkdown(text: string, before?: MarkdownReading): MarkdownReading {
  const { blocks, finished, end } =
    before && text.startsWith(before.text) ? before : { blocks: [], finished: 0, end: 0 }
  const tail = text.slice(end)
  const tokens = parser.parse(tail, {})
  const starts = tokens.filter(({ level, nesting }) => level === 0 && nesting !== -1).map(({ map }) => map?.[0] ?? 0)
  const nodes = treeOf(tokens)
  const newlyFinished = Math.max(0, nodes.length - OPEN_BLOCKS)
  return {
    text,
    blocks: [...blocks.slice(0, finished), ...nodes],
    finished: finished + newlyFinished,
    end: end + offsetOfLine(tail, newlyFinished === 0 ? 0 : starts[newlyFinished]!),
  }
}

function offsetOfLine(text: string, line: number): number {
  let offset = 0
  for (let i = 0; i < line; i++) offset = text.indexOf('\n', offset) + 1
  return offset
}

function treeOf(tokens: readonly Token[]): MarkdownNode[] {
  const root: MarkdownNode[] = []
  const open: MarkdownNode[][] = [root]
  for (const token of tokens) {
    const siblings = open.at(-1)!
    if (token.nesting === -1) open.pop()
    else if (token.nesting === 0) siblings.push(...leavesOf(token))
    // A tight list has paragraphs that are not to be seen, and what the list does not name is no element.
    else if (token.hidden || !isKnown(token.tag)) open.push(siblings)
    else {
      const start = Number(token.attrGet('start') ?? 1)
      const node = { tag: TAGS[token.tag], ...(start === 1 ? {} : { start }), children: [] }
      siblings.push(node)
      open.push(node.children)
    }
  }
  return root
}

function leavesOf(token: Token): MarkdownNode[] {
  switch (token.type) {
    case 'inline':
      return treeOf(token.children ?? [])
    case 'fence':
      return [{ tag: 'pre', children: [{ tag: 'code', children: [{ text: token.content }] }] }]
    case 'code_inline':
      return [{ tag: 'code', children: [{ text: token.content }] }]
    case 'softbreak':
      return [{ text: '\n' }]
    case 'hardbreak':
      return [{ tag: 'br', children: [] }]
    case 'hr':
      return [{ tag: 'hr', children: [] }]
    default:
      return [{ text: token.content }]
  }
}

function isKnown(tag: string): tag is keyof typeof TAGS {
  return Object.hasOwn(TAGS, tag)
}
