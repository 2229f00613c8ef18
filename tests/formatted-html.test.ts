/** HTML as the page shows it formatted, beside what the bot reads of the same bytes: the one must hold the other. */
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type FormattedNode, type FormattedText, NODES_MAX, TooLargeError } from '../web/reader/formatted.ts'
import { formatHtml } from '../web/reader/formatted-html.ts'
import { onlyPage } from './support/extraction.ts'

const SAMPLE = readFileSync(join(import.meta.dirname, '../samples/visitors.html'))
const LISTS = join(import.meta.dirname, '../../shared/data/bad-input/third-party/lists/xss-payloads.html')

const PAGE = `<!doctype html><html lang="en"><head><title>All &amp; about</title><style>p { color: red }</style></head>
<body><header>Logo</header><nav><a href="/">Home</a></nav><main><h1>Opening <em>hours</em></h1>
<p>The mill is open<br>from <b>nine</b> to five; caf&eacute; to <a href="https://six.example/x?y=1&amp;z=2" onclick="x()">six</a>.</p>
<ul><li>Dogs <i>may</i> come<li>Horses may not</ul><img src="http://far.example/a.png" alt="The mill" onerror="x()">
<table><tr><th>What<th>Fee<tr><td colspan="2">Grown-<b>ups</b></table><pre>one
  two</pre><p hidden>Not this.</p><div style="display:none">Nor this.</div><script>alert(1)</script></main>
<footer>Imprint</footer></body></html>`

const READ: [what: string, content: Buffer][] = [
  ['a whole page', Buffer.from(PAGE)],
  ['the sample', SAMPLE],
  [
    'a page whose content stands between others',
    Buffer.from('<div>Menu</div><article>One.</article>Between<article>Two.</article>'),
  ],
  [
    'a page with a little that calls itself the content',
    Buffer.from(`<main>A.</main>${'<p>Much more than that.</p>'.repeat(9)}`),
  ],
  [
    'a page with a title out of place',
    Buffer.from('<p>One</p><title>Two</title><p>Three</p><textarea>Four</textarea>'),
  ],
  ['Polish in ISO 8859-2, as it says', Buffer.from('<meta charset="iso-8859-2"><p>\xb1\xea', 'latin1')],
  [
    'French in Windows-1252 that says nothing of it',
    Buffer.from(
      '<p>La ferme \x96 cach\xe9e derri\xe8re l\x92\xe9glise \x96 a \xe9t\xe9 b\xe2tie l\xe0 o\xf9 r\xeavait le ma\xeetre. Une ann\xe9e apr\xe8s, tout \xe9tait pr\xeat.</p>',
      'latin1',
    ),
  ],
  ['UTF-16', Buffer.from('\ufeff<p>Grüße aus Köln</p>', 'utf16le')],
]
for (const [what, content] of READ) {
  test(`what is shown of ${what} is what the bot read, and each quote of it is marked`, async () => {
    const { text } = await onlyPage('page.html', content)
    const { nodes, find } = formatHtml(content, text)
    assert.equal(
      letters(
        textsOf(nodes)
          .map(({ text }) => text)
          .join(''),
      ),
      letters(text),
    )
    for (let start = 0; start < text.length; start += 7) {
      const quote = text.slice(start, start + 40)
      const marked = [...find({ start, end: start + quote.length })].map(([node, part]) =>
        node.text.slice(part.start, part.end),
      )
      assert.equal(letters(marked.join('')), letters(quote))
    }
  })
}

test('of HTML is shown what a list allows, in places where it may stand', async () => {
  const { text } = await onlyPage('page.html', Buffer.from(PAGE))
  const { nodes } = formatHtml(Buffer.from(PAGE), text)
  assert.equal(
    print(nodes),
    'div(h3(Opening |em(hours))|p(The mill is open|br|from |strong(nine)| to five; café to |a href=https://six.example/x?y=1&z=2(six)|.)|' +
      'ul(li(Dogs |em(may)| come)|li(Horses may not))|picture(The mill)|' +
      'table(tr(th(What)|th(Fee))|tr(td colSpan=2(Grown-|strong(ups))))|pre(one\n  two))',
  )
})

test('places that have a name are kept for links that lead there, and are no names in the page', () => {
  const html =
    '<h2 id="fees">Fees</h2><a name="old"></a><font id="f">a</font><a href="#fees">b</a> <a href="#%zz">c</a>'
  const { nodes, anchors } = formatHtml(Buffer.from(html), 'Other words.')
  assert.deepEqual([...anchors], ['fees', 'old', 'f'])
  assert.equal(print(nodes), 'h3(Fees)|span|span(a)|a toAnchor=fees(b)|c')
})

/** What would do something in a page, and what of it is left. */
const HOSTILE: [html: string, shown: string][] = [
  ['<a href="javascript:alert(1)">a</a>', 'a'],
  ['<a href="java&#x09;script:alert(1)">a</a>', 'a'],
  ['<a href=" &#1; javascript:alert(1)">a</a>', 'a'],
  ['<a href="data:text/html,<script>alert(1)</script>">a</a>', 'a'],
  ['<a href="//far.example/x" ping="http://far.example">a</a>', 'a'],
  ['<base href="http://far.example/"><a href="x">a</a>', 'a'],
  ['<p id="opener" name="x" class="reader" style="position:fixed;inset:0" onmouseover="x()">a</p>', 'p(a)'],
  ['<form action="http://far.example"><input name="x" formaction="javascript:x()"><p>a</form>', 'div(p(a))'],
  ['<svg><style><img src=x onerror=alert(1)></style></svg>a', 'a'],
  ['<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">a', ''],
  ['<noscript><p title="</noscript><img src=x onerror=alert(1)>">', ''],
  ['<template><script>alert(1)</script></template><iframe srcdoc="<script>x</script>">b</iframe>a', 'a'],
  ['<body background="http://far.example/x.png" onload="x()"><video poster="http://far.example/x.png"></video>a', 'a'],
  ['<img src="http://far.example/x.png" srcset="http://far.example/y.png 2x">', 'picture'],
  [
    '<link rel=stylesheet href="http://far.example/x.css"><meta http-equiv=refresh content="0;url=http://far.example">a',
    'a',
  ],
  ['<ol start="-1"><li>a</ol><table><tr><td colspan="100000000">b</table>', 'ol(li(a))|table(tr(td(b)))'],
  ['<li>a<td>b', 'div(a|div(b))'],
  ['<marquee><blink><custom-element constructor="x">a', 'a'],
]
for (const [html, shown] of HOSTILE) {
  test(`nothing is left that does anything: ${html}`, () => {
    assert.equal(print(formatHtml(Buffer.from(html), 'Other words.').nodes), shown)
  })
}

test('a collection of attacks is words and allowed elements', {
  skip: !existsSync(LISTS) && `needs ${LISTS}`,
}, async () => {
  const content = readFileSync(LISTS)
  const { text } = await onlyPage('list.html', content)
  const { nodes } = formatHtml(content, text)
  assert.equal(
    letters(
      textsOf(nodes)
        .map(({ text }) => text)
        .join(''),
    ),
    letters(text),
  )
  for (const [name, value] of attributesOf(nodes)) assert.match(`${name}=${value}`, HARMLESS)
})

test('HTML that is too much for a browser is refused, and what is nested deeply is shown flat', () => {
  assert.throws(() => formatHtml(Buffer.from('<b>a</b>'.repeat(NODES_MAX)), ''), TooLargeError)
  const { nodes } = formatHtml(Buffer.from(`${'<div>'.repeat(400)}a`), 'a')
  assert.ok(depthOf(nodes) < 80)
  assert.deepEqual(
    textsOf(nodes).map(({ text }) => text),
    ['a'],
  )
})

function letters(text: string): string {
  return text.replaceAll(/[\s\u00ad]/g, '')
}

/** Without the words that stand for pictures, which nobody reads as text. */
function textsOf(nodes: readonly FormattedNode[]): FormattedText[] {
  return nodes.flatMap((node) => ('text' in node ? [node] : node.tag === 'picture' ? [] : textsOf(node.children)))
}

const HARMLESS =
  /^(?:href=(?:https?|mailto):|(?:start|colSpan|rowSpan)=\d+$|dir=(?:ltr|rtl)$|lang=[\w-]+$|(?:anchor|toAnchor)=)/

function attributesOf(nodes: readonly FormattedNode[]): [string, unknown][] {
  return nodes.flatMap((node) =>
    'text' in node ? [] : [...Object.entries(node.attributes), ...attributesOf(node.children)],
  )
}

function depthOf(nodes: readonly FormattedNode[]): number {
  return Math.max(0, ...nodes.map((node) => ('text' in node ? 1 : 1 + depthOf(node.children))))
}

function print(nodes: readonly FormattedNode[]): string {
  return nodes
    .filter((node) => !('text' in node) || node.text.trim() !== '')
    .map((node) => {
      if ('text' in node) return node.text
      const attributes = Object.entries(node.attributes)
        .filter(([name]) => name !== 'anchor')
        .map(([name, value]) => ` ${name}=${value}`)
      return `${node.tag}${attributes.join('')}${node.children.length === 0 ? '' : `(${print(node.children)})`}`
    })
    .join('|')
}
