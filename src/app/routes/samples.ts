/** The documents that come with KnowBot, for whoever has none at hand yet. */
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { SampleList } from '../../api.ts'
import { KnowBotError } from '../../errors.ts'
import { NO_BODY, route, signedIn } from '../route.ts'
import { documentAnswer } from '../shapes.ts'
import { QUEUED_EXAMPLE } from './examples.ts'

const SAMPLES_FOLDER = join(import.meta.dirname, '../../../samples')

export const SAMPLE_ROUTES = [
  route({
    method: 'POST',
    path: '/api/documents/samples',
    name: 'addSamples',
    sentence:
      'Adds the sample documents that come with KnowBot, as if they had been uploaded. Those that are there already are told again.',
    policy: signedIn('write'),
    rate: 'upload',
    bodyBytesMax: NO_BODY,
    answers: {
      202: { description: 'Taken; they will be read.', schema: SampleList, example: { items: [QUEUED_EXAMPLE] } },
    },
    errors: ['not_found', 'disk_full'],
    async handle({ services: { documents }, principal }) {
      const items = []
      for (const name of await sampleNames()) {
        const stream = createReadStream(join(SAMPLES_FOLDER, name))
        items.push(documentAnswer((await documents.accept(principal, { name, stream })).document))
      }
      return { status: 202, body: { items } }
    },
  }),
]

async function sampleNames(): Promise<string[]> {
  try {
    return (await readdir(SAMPLES_FOLDER)).filter((name) => !name.startsWith('.'))
  } catch (cause) {
    throw new KnowBotError('not_found', 'This installation came without sample documents.', { cause })
  }
}
