/** Settings of KnowBot itself: data, access, model, limits. */
import { resolve } from 'node:path'
import type { LogLevel } from '../lib/log.ts'
import { MIB } from '../lib/units.ts'
import { parseBootstrapKey, parseChoice, parseCount, parseHttpUrl, parseSize, parseText } from './parsers.ts'
import { setting } from './setting.ts'

export const PRODUCT_SETTINGS = {
  data: setting<string>({
    section: 'Data',
    flag: 'data',
    variables: ['KNOWBOT_DATA'],
    shape: 'DIR',
    defaultText: "the platform's volume, else `./data`",
    meaning: 'The folder that holds everything: database, originals, secrets. Put it on a volume.',
    fallback: ({ RAILWAY_VOLUME_MOUNT_PATH: railway }) => resolve(railway || 'data'),
    parse: (text) => resolve(parseText(text)),
  }),
  publicUrl: setting<string | undefined>({
    section: 'Access',
    flag: 'public-url',
    variables: ['KNOWBOT_PUBLIC_URL'],
    shape: 'URL',
    defaultText: "the platform's domain, else unknown",
    meaning: 'Where people reach the server. When it is known, requests for other hosts are refused.',
    fallback: ({ RAILWAY_PUBLIC_DOMAIN: railway, RENDER_EXTERNAL_URL: render, FLY_APP_NAME: fly }) => {
      if (railway) return parseHttpUrl(`https://${railway}`)
      if (render) return parseHttpUrl(render)
      return fly ? `https://${fly}.fly.dev` : undefined
    },
    parse: parseHttpUrl,
  }),
  bootstrapKey: setting<string | undefined>({
    section: 'Access',
    flag: 'bootstrap-key',
    variables: ['KNOWBOT_BOOTSTRAP_KEY'],
    shape: 'KEY',
    defaultText: 'none',
    meaning:
      'An API key with the rights of an administrator that exists from the first start on, for automation. At least 16 characters.',
    isSecret: true,
    fallback: () => undefined,
    parse: parseBootstrapKey,
  }),
  model: setting<string | undefined>({
    section: 'Model',
    flag: 'model',
    variables: ['KNOWBOT_MODEL'],
    shape: 'PROVIDER:MODEL',
    defaultText: 'none: answers are quotes',
    meaning:
      'The model that writes answers: `openai:…`, `anthropic:…`, `google:…`, `groq:…`, `ollama:…`, or `openai-compatible:…` with KNOWBOT_MODEL_URL. While it cannot answer, quotes do; a worker whose model failed five times in a row leaves it alone for 30 seconds.',
    fallback: () => undefined,
    parse: parseText,
  }),
  modelUrl: setting<string | undefined>({
    section: 'Model',
    flag: 'model-url',
    variables: ['KNOWBOT_MODEL_URL'],
    shape: 'URL',
    defaultText: "the provider's",
    meaning: 'The base address of the model server, with its `/v1`. It may be on this machine or in a private network.',
    fallback: () => undefined,
    parse: parseHttpUrl,
  }),
  modelKey: setting<string | undefined>({
    section: 'Model',
    flag: 'model-key',
    variables: ['KNOWBOT_MODEL_KEY'],
    shape: 'KEY',
    defaultText: 'none',
    meaning: 'The key that the model server asks for.',
    isSecret: true,
    fallback: () => undefined,
    parse: parseText,
  }),
  modelTimeoutS: setting<number>({
    section: 'Model',
    flag: 'model-timeout',
    variables: ['KNOWBOT_MODEL_TIMEOUT'],
    shape: 'SECONDS',
    defaultText: '`60`',
    meaning:
      'How long to wait for the first word of the model, further attempts after a passing failure included; half of it between words.',
    fallback: () => 60,
    parse: (text) => parseCount(text, 1, 3600),
  }),
  embeddings: setting<string | undefined>({
    section: 'Model',
    flag: 'embeddings',
    variables: ['KNOWBOT_EMBEDDINGS'],
    shape: 'PROVIDER:MODEL',
    defaultText: 'none: found by words',
    meaning:
      'The model that finds passages by their meaning, beside their words: `openai:…`, `google:…`, `ollama:…`, or `openai-compatible:…` with KNOWBOT_EMBEDDINGS_URL. The texts of all documents and of all questions are sent to it. Another model is built beside the former one, which answers until the new one is whole.',
    fallback: () => undefined,
    parse: parseText,
  }),
  embeddingsUrl: setting<string | undefined>({
    section: 'Model',
    flag: 'embeddings-url',
    variables: ['KNOWBOT_EMBEDDINGS_URL'],
    shape: 'URL',
    defaultText: "the provider's",
    meaning:
      'The base address of the server of embeddings, with its `/v1`. It may be on this machine or in a private network.',
    fallback: () => undefined,
    parse: parseHttpUrl,
  }),
  embeddingsKey: setting<string | undefined>({
    section: 'Model',
    flag: 'embeddings-key',
    variables: ['KNOWBOT_EMBEDDINGS_KEY'],
    shape: 'KEY',
    defaultText: 'none',
    meaning: 'The key that the server of embeddings asks for.',
    isSecret: true,
    fallback: () => undefined,
    parse: parseText,
  }),
  tokensPerDay: setting<number>({
    section: 'Model',
    flag: 'tokens-per-day',
    variables: ['KNOWBOT_TOKENS_PER_DAY'],
    shape: 'COUNT',
    defaultText: '`0`: no limit',
    meaning:
      'How many tokens, read and written together, a model may cost for each person and day (UTC). When they are spent, quotes answer until the next day.',
    fallback: () => 0,
    parse: (text) => parseCount(text, 0, 1e12),
  }),
  uploadBytesMax: setting<number>({
    section: 'Limits',
    flag: 'upload-max',
    variables: ['KNOWBOT_UPLOAD_MAX'],
    shape: 'SIZE',
    defaultText: '`50MB`',
    meaning: 'The largest file that is taken in one upload.',
    fallback: () => 50 * MIB,
    parse: parseSize,
  }),
  heartbeatS: setting<number>({
    section: 'Requests',
    flag: 'heartbeat',
    variables: ['KNOWBOT_HEARTBEAT'],
    shape: 'SECONDS',
    defaultText: '`15`',
    meaning:
      'A stream of events on which nothing happens says so at least this often. Proxies close silent lines, some after 30 seconds.',
    fallback: () => 15,
    parse: (text) => parseCount(text, 1, 300),
  }),
  streamRenewS: setting<number>({
    section: 'Requests',
    flag: 'stream-renew',
    variables: ['KNOWBOT_STREAM_RENEW'],
    shape: 'SECONDS',
    defaultText: '`780`',
    meaning:
      'A stream of events that can be resumed is ended after so long, and its reader comes back for the rest: sooner than a platform cuts every request.',
    // Railway ends every request after 15 minutes (https://docs.railway.com/reference/public-networking).
    fallback: () => 780,
    parse: (text) => parseCount(text, 1, 86_400),
  }),
  jobsMax: setting<number>({
    section: 'Limits',
    flag: 'jobs',
    variables: ['KNOWBOT_JOBS'],
    shape: 'COUNT',
    defaultText: '`1`',
    meaning: 'How many documents may be read at the same time.',
    fallback: () => 1,
    parse: (text) => parseCount(text, 1, 64),
  }),
  indexing: setting<'auto' | 'background' | 'inline'>({
    section: 'Limits',
    flag: 'indexing',
    variables: ['KNOWBOT_INDEXING'],
    shape: 'WHERE',
    defaultText: '`auto`',
    meaning:
      'Where documents are read. `background`: by processes of their own. `inline`, for hosts that cannot start any: small plain text by the web workers, while everything else waits and says so. `auto`: inline while no other process can be started.',
    fallback: () => 'auto',
    parse: (text) => parseChoice(text, ['auto', 'background', 'inline'] as const),
  }),
  logLevel: setting<LogLevel>({
    section: 'Log',
    flag: 'log-level',
    variables: ['KNOWBOT_LOG_LEVEL'],
    shape: 'LEVEL',
    defaultText: '`info`',
    meaning: 'What is logged to standard error: `debug`, `info`, `warn` or `error`.',
    fallback: () => 'info',
    parse: (text) => parseChoice(text, ['debug', 'info', 'warn', 'error'] as const),
  }),
}
