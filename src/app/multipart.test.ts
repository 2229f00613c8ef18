import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { boundaryOf, MalformedForm, readParts } from './multipart.ts'

/** What was read, each part with its content; the body comes in pieces of these sizes, again and again. */
async function read(form: string | Uint8Array, boundary = 'b', sizes: readonly number[] = [1 << 20]) {
  const bytes = Buffer.from(form as string)
  async function* pieces() {
    for (let [at, turn] = [0, 0]; at < bytes.byteLength; turn++) {
      const size = sizes[turn % sizes.length]!
      // A buffer of its own, as from a connection.
      yield new Uint8Array(bytes.subarray(at, at + size))
      at += size
    }
  }
  const parts: { name: string; filename: string | undefined; content: string }[] = []
  for await (const event of readParts(pieces(), boundary)) {
    if (!(event instanceof Uint8Array)) parts.push({ ...event, content: '' })
    else {
      assert.ok(event.byteLength > 0, 'no piece is empty')
      parts.at(-1)!.content += Buffer.from(event).toString('latin1')
      // Whoever takes a piece may give its memory back at once.
      if (event.byteLength === event.buffer.byteLength) (event.buffer as ArrayBuffer).transfer(0)
    }
  }
  return parts
}

const part = (disposition: string, content = 'x', more = '') =>
  `--b\r\nContent-Disposition: ${disposition}\r\n${more}\r\n${content}\r\n`

test('every form that the platform writes is read as it was, however its bytes are cut', async () => {
  // Line breaks and dashes, so that contents look like delimiters; names as people have them.
  const content = fc.string({ unit: fc.constantFrom('\r', '\n', '-', 'b', 'x', '\0', 'ÿ'), maxLength: 60 })
  const name = fc.string({
    unit: fc.constantFrom('a', ' ', "'", ';', '=', 'é', '文', '😀', '.', ':'),
    minLength: 1,
    maxLength: 12,
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ name, filename: fc.option(name, { nil: undefined }), content }), { maxLength: 4 }),
      fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 5 }),
      async (parts, sizes) => {
        const form = new FormData()
        for (const { name, filename, content } of parts) {
          if (filename === undefined) form.append(name, content.replaceAll(/[\r\n]/g, ''))
          else form.append(name, new Blob([Buffer.from(content, 'latin1')]), filename)
        }
        const response = new Response(form)
        const boundary = boundaryOf(response.headers.get('content-type')!)
        const expected = parts.map(({ name, filename, content }) => ({
          name,
          filename,
          content: filename === undefined ? Buffer.from(content.replaceAll(/[\r\n]/g, '')).toString('latin1') : content,
        }))
        assert.deepEqual(await read(await response.bytes(), boundary, sizes), expected)
      },
    ),
    { numRuns: 300 },
  )
})

test('a form that begins with a whole piece of 64 KB and ends in one of its own is read', async () => {
  const form = `${part('form-data; name="a"', 'x'.repeat(100_000))}--b--\r\n`
  for (const sizes of [[65_536], [65_536, form.length - 65_538], [65_536, form.length - 65_536 - 4]])
    assert.equal((await read(form, 'b', sizes))[0]?.content.length, 100_000)
})

interface Accepted {
  what: string
  form: string
  parts: { name: string; filename: string | undefined; content: string }[]
}
const ACCEPTED: Accepted[] = [
  {
    what: 'something before the first boundary and behind the last',
    form: `Hello.\r\n${part('form-data; name="a"')}--b--\r\nGood-bye.\r\n`,
    parts: [{ name: 'a', filename: undefined, content: 'x' }],
  },
  {
    what: 'white space behind a boundary, which mail gateways add',
    form: '--b \t\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--',
    parts: [{ name: 'a', filename: undefined, content: 'x' }],
  },
  {
    what: 'names without quotes and headers in any case',
    form: '--b\r\ncontent-DISPOSITION:FORM-DATA;name=a;FileName=b.txt\r\n\r\nx\r\n--b--',
    parts: [{ name: 'a', filename: 'b.txt', content: 'x' }],
  },
  {
    what: 'quotes and backslashes as curl escapes them',
    form: `${part('form-data; name="a"; filename="say \\"hi\\" \\\\o.txt"')}--b--`,
    parts: [{ name: 'a', filename: 'say "hi" \\o.txt', content: 'x' }],
  },
  {
    what: 'a backslash as browsers leave it',
    form: `${part('form-data; name="a"; filename="b\\c;d.txt"')}--b--`,
    parts: [{ name: 'a', filename: 'b\\c;d.txt', content: 'x' }],
  },
  {
    what: 'a name that is sent as for a download',
    form: `${part('form-data; name="a"; filename="?.txt"; filename*=UTF-8\'\'%E6%96%87.txt')}--b--`,
    parts: [{ name: 'a', filename: '文.txt', content: 'x' }],
  },
  {
    what: 'such a name that cannot be decoded',
    form: `${part('form-data; name="a"; filename="b.txt"; filename*=UTF-8\'\'%E6%9')}--b--`,
    parts: [{ name: 'a', filename: 'b.txt', content: 'x' }],
  },
  {
    what: 'a file that has a type and no name',
    form: `${part('form-data; name="a"', 'x', 'Content-Type: application/octet-stream\r\n')}--b--`,
    parts: [{ name: 'a', filename: '', content: 'x' }],
  },
  { what: 'no part at all', form: '--b--\r\n', parts: [] },
]

for (const { what, form, parts } of ACCEPTED) {
  test(`taken: ${what}`, async () => {
    for (const sizes of [[1 << 20], [1], [2, 3, 5, 7]]) assert.deepEqual(await read(form, 'b', sizes), parts)
  })
}

const REFUSED: [what: string, form: string, says: RegExp][] = [
  ['nothing', '', /ends before/],
  ['no boundary', 'Hello.', /ends before/],
  ['the boundary of another form', '--c\r\n\r\nx\r\n--c--\r\n', /ends before/],
  ['an end within the headers', '--b\r\nContent-Dispo', /ends before/],
  ['an end within the content', part('form-data; name="a"').slice(0, -2), /ends before/],
  ['an end before the last boundary', part('form-data; name="a"'), /ends before/],
  ['an end within the last boundary', `${part('form-data; name="a"')}--b-`, /ends before/],
  ['a boundary that goes on', '--boundary\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--b--', /goes on/],
  ['a part without headers', '--b\r\n\r\nx\r\n--b--', /no name/],
  ['a part without a name', `${part('form-data')}--b--`, /no name/],
  ['a part that is an attachment', `${part('attachment; name="a"')}--b--`, /no name/],
  ['a header that is none', `${part('form-data; name="a"', 'x', 'hello\r\n')}--b--`, /headers/],
  ['a NUL in a name', `${part('form-data; name="a\0"')}--b--`, /headers/],
  ['half a line break in a name', `${part('form-data; name="a\nb"')}--b--`, /headers/],
  ['headers without an end', `--b\r\n${'x'.repeat(20_000)}`, /no end/],
  ['a long story behind the parts', `${part('form-data; name="a"')}--b--${'x'.repeat(70_000)}`, /around/],
  ['a long story before the parts', `${'x'.repeat(70_000)}\r\n${part('form-data; name="a"')}--b--`, /around/],
]

for (const [what, form, says] of REFUSED) {
  test(`refused: ${what}`, async () => {
    const isMalformed = (error: unknown) => error instanceof MalformedForm && says.test(error.message)
    for (const sizes of [[1 << 20], [1], [2, 3, 5, 7]]) await assert.rejects(read(form, 'b', sizes), isMalformed)
  })
}

test('a boundary is read with quotes and without, and refused where it may not be one', () => {
  assert.equal(boundaryOf('multipart/form-data; boundary=a-b'), 'a-b')
  assert.equal(boundaryOf('multipart/form-data; charset=utf-8; BOUNDARY="a b=c"'), 'a b=c')
  for (const type of ['', '; boundary=', '; boundary="a\r\nb"', '; boundary="a "', `; boundary=${'x'.repeat(71)}`])
    assert.throws(() => boundaryOf(`multipart/form-data${type}`), MalformedForm)
})
