/** Documents: brought, listed, looked into, read again, deleted and brought back. */
import { open } from 'node:fs/promises'
import {
  DeleteAllQuery,
  DeleteDocumentQuery,
  DeletedAll,
  Document,
  DocumentList,
  ListQuery,
  Page,
  PictureQuery,
  RestoreAllRequest,
  RestoredAll,
  RetryRequest,
  UploadedDocument,
} from '../../api.ts'
import { pictureWidth } from '../../documents.ts'
import { KnowBotError } from '../../errors.ts'
import { JSON_BODY_BYTES_MAX, NO_BODY, route, signedIn } from '../route.ts'
import { ORIGINAL_POLICY } from '../security-headers.ts'
import { documentAnswer, pageAnswer, sliceOf, timeOf } from '../shapes.ts'
import { acceptUpload } from '../upload.ts'
import { FAILED_EXAMPLE, PAGE_EXAMPLE, QUEUED_EXAMPLE, READY_EXAMPLE } from './examples.ts'

export const DOCUMENT_ROUTES = [
  route({
    method: 'POST',
    path: '/api/documents',
    name: 'uploadDocument',
    sentence:
      'Takes a document; what is answered is on disk. The same bytes again are the same document; if that one had failed, it is read again.',
    policy: signedIn('write'),
    rate: 'upload',
    bodyBytesMax: 'upload-max',
    headers: { Prefer: '`wait=SECONDS`, at most 60: answers when the document is read, or when the time is over.' },
    form: {
      file: { description: 'The document, with its name.', isFile: true, isRequired: true },
      collectionId: { description: 'Where to put it; your own first collection when left out.' },
      language: { description: 'For the recognition of text, BCP 47.' },
    },
    answers: {
      202: { description: 'Taken; it will be read.', schema: UploadedDocument, example: QUEUED_EXAMPLE },
      201: {
        description: 'Taken and read, within the time that was to be waited.',
        schema: UploadedDocument,
        example: READY_EXAMPLE,
      },
      200: {
        description: 'The same bytes are there already; or, where it was to be waited, reading failed.',
        schema: UploadedDocument,
        example: { ...FAILED_EXAMPLE, differs: { language: { before: null, asked: 'de' } } },
      },
    },
    errors: [
      'not_found',
      'document_empty',
      'document_too_large',
      'unsupported_file_type',
      'unsupported_media_type',
      'disk_full',
      'conflict',
    ],
    handle: acceptUpload,
  }),
  route({
    method: 'GET',
    path: '/api/documents',
    name: 'listDocuments',
    sentence: 'My documents, newest first.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: ListQuery,
    answers: {
      200: {
        description: 'Documents.',
        schema: DocumentList,
        example: { items: [QUEUED_EXAMPLE, READY_EXAMPLE], nextCursor: null },
      },
    },
    errors: [],
    async handle({ services, principal, query }) {
      const { items, nextCursor } = await services.documents.list(principal, sliceOf(query))
      return { status: 200, body: { items: items.map(documentAnswer), nextCursor } }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/documents',
    name: 'deleteAllDocuments',
    sentence: 'Deletes every document that I own. For ten minutes all of it can be restored.',
    policy: signedIn('write'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    query: DeleteAllQuery,
    answers: {
      200: {
        description: 'Deleted.',
        schema: DeletedAll,
        example: { removed: 3, removedAt: READY_EXAMPLE.createdAt },
      },
    },
    errors: [],
    async handle({ services, principal }) {
      const { removed, removedAt } = await services.documents.removeAll(principal)
      return { status: 200, body: { removed, removedAt: timeOf(removedAt) } }
    },
  }),
  route({
    method: 'POST',
    path: '/api/documents/restore',
    name: 'restoreAllDocuments',
    sentence: 'Undoes the deletion of every document, for ten minutes.',
    policy: signedIn('write'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: RestoreAllRequest,
    bodyExample: { removedAt: READY_EXAMPLE.createdAt },
    answers: { 200: { description: 'Restored.', schema: RestoredAll, example: { restored: 3 } } },
    errors: [],
    async handle({ services, principal, body }) {
      const { restored } = await services.documents.restoreAll(principal, Date.parse(body.removedAt))
      return { status: 200, body: { restored } }
    },
  }),
  route({
    method: 'GET',
    path: '/api/documents/{id}',
    name: 'getDocument',
    sentence: 'How a document stands.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'The document.', schema: Document, example: READY_EXAMPLE } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      return { status: 200, body: documentAnswer(await services.documents.get(principal, params['id']!)) }
    },
  }),
  route({
    method: 'DELETE',
    path: '/api/documents/{id}',
    name: 'deleteDocument',
    sentence: 'From then on nothing finds it; everything of it is purged after ten minutes, or at once.',
    policy: signedIn('write'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    query: DeleteDocumentQuery,
    answers: { 204: { description: 'Deleted.' } },
    errors: ['not_found'],
    async handle({ services, principal, params, query }) {
      await services.documents.remove(principal, params['id']!, { now: query.purge === 'now' })
      return { status: 204 }
    },
  }),
  route({
    method: 'POST',
    path: '/api/documents/{id}/restore',
    name: 'restoreDocument',
    sentence: 'Undoes a deletion, for ten minutes.',
    policy: signedIn('write'),
    rate: 'write',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'The document is back.', schema: Document, example: READY_EXAMPLE } },
    errors: ['not_found', 'conflict'],
    async handle({ services, principal, params }) {
      return { status: 200, body: documentAnswer(await services.documents.restore(principal, params['id']!)) }
    },
  }),
  route({
    method: 'POST',
    path: '/api/documents/{id}/retry',
    name: 'retryDocument',
    sentence:
      'Reads the document again, with a password or in another language. What was found of it so far is found until then.',
    policy: signedIn('write'),
    rate: 'write',
    bodyBytesMax: JSON_BODY_BYTES_MAX,
    body: RetryRequest,
    bodyExample: { password: 'of the document', language: 'de' },
    answers: { 202: { description: 'It will be read.', schema: Document, example: QUEUED_EXAMPLE } },
    errors: ['not_found', 'conflict', 'language_unavailable'],
    async handle({ services, principal, params, body: { language, password } }) {
      const wishes = {
        ...(language === undefined ? {} : { language }),
        ...(password === undefined ? {} : { password }),
      }
      return { status: 202, body: documentAnswer(await services.documents.retry(principal, params['id']!, wishes)) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/documents/{id}/original',
    name: 'getOriginal',
    sentence: 'The bytes as they came, as an attachment.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'The bytes.', mediaType: 'application/octet-stream' } },
    errors: ['not_found', 'storage_damaged'],
    async handle({ services, principal, params }) {
      const { path, name, type, bytes } = await services.documents.original(principal, params['id']!)
      const file = await open(path)
      return new Response(file.readableWebStream({ autoClose: true }) as ReadableStream<Uint8Array>, {
        headers: {
          'content-type': type,
          'content-length': String(bytes),
          'content-disposition': attachment(name),
          'content-security-policy': ORIGINAL_POLICY,
        },
      })
    },
  }),
  route({
    method: 'GET',
    path: '/api/documents/{id}/pages/{page}',
    name: 'getPage',
    sentence:
      'The text of a page, with the places of its words where the source has them. A text without pages is one page. Of a document that is being read for the first time, the pages read so far.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    answers: { 200: { description: 'The page.', schema: Page, example: PAGE_EXAMPLE } },
    errors: ['not_found'],
    async handle({ services, principal, params }) {
      const page = await services.documents.page(principal, params['id']!, pageNumber(params))
      return { status: 200, body: pageAnswer(page) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/documents/{id}/pages/{page}/image',
    name: 'getPagePicture',
    sentence:
      'A picture of a page of a PDF or an image, as it looks when it is printed. What was never on paper has none.',
    policy: signedIn('read'),
    rate: 'read',
    bodyBytesMax: NO_BODY,
    query: PictureQuery,
    headers: {
      'If-None-Match':
        '`ETag` of an earlier answer: 304 while it is the same, which is as long as the document exists.',
    },
    answers: {
      200: { description: 'The picture.', mediaType: 'image/jpeg' },
      304: { description: 'The picture is still the same.' },
    },
    errors: [
      'not_found',
      'no_picture',
      'password_needed',
      'document_damaged',
      'page_unreadable',
      'image_too_large',
      'out_of_memory',
      'read_timeout',
      'reader_crashed',
      'overloaded',
      'storage_damaged',
    ],
    async handle({ services: { documents }, request, principal, params, query: { width = PICTURE_WIDTH } }) {
      const [id, number] = [params['id']!, pageNumber(params)]
      const tag = `"${id}-${number}-${pictureWidth(width)}"`
      const headers = { etag: tag, ...PICTURE_HEADERS }
      if (request.headers.get('if-none-match') === tag) {
        await documents.get(principal, id) // Still there, and still theirs.
        return new Response(null, { status: 304, headers })
      }
      const { file, bytes } = await documents.picture(principal, id, number, width, request.signal)
      return new Response(file.readableWebStream({ autoClose: true }) as ReadableStream<Uint8Array>, {
        headers: { ...headers, 'content-type': 'image/jpeg', 'content-length': String(bytes) },
      })
    },
  }),
]

const PICTURE_WIDTH = 1200

/** The bytes of a document never change. Whoever signs in as somebody else in the same browser has another cookie. */
const PICTURE_HEADERS = {
  'cache-control': 'private, max-age=86400, immutable',
  vary: 'Cookie, Authorization',
  'content-security-policy': ORIGINAL_POLICY,
}

/** What is no number is the number of no page. */
function pageNumber(params: Readonly<Record<string, string>>): number {
  const page = params['page']!
  if (/^[1-9]\d{0,8}$/.test(page)) return Number(page)
  throw new KnowBotError('not_found', 'There is no such page; pages count from 1.')
}

/** RFC 6266 and 8187: a name in ASCII for old clients, the name itself for all others. */
export function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`
}
