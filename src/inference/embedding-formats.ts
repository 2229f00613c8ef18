/**
 * How texts go to a server of embeddings, and vectors come back: OpenAI's `POST {base}/embeddings`, which most speak, and Ollama's
 * own `POST /api/embed`, which lies beside its `/v1`. What is not of the expected shape is nothing.
 */
import { countOf, type Json, objectOf } from './json.ts'
import type { Provider } from './providers.ts'

export interface EmbeddingFormat {
  path: string
  /** What the base address that people set becomes. */
  base(url: string): string
  body(model: string, texts: readonly string[]): Json
  /** One list of numbers per text, in the order of the texts. */
  read(answer: Json, texts: number): readonly unknown[]
}

const OPENAI: EmbeddingFormat = {
  path: '/embeddings',
  base: (url) => url,
  // Said, because the default of some clients' servers is base64.
  body: (model, texts) => ({ model, input: texts, encoding_format: 'float' }),
  read(answer, texts) {
    const vectors: unknown[] = new Array(texts).fill(undefined)
    const items = Array.isArray(answer['data']) ? answer['data'] : []
    for (const [place, item] of items.entries()) {
      const entry = objectOf(item)
      // The order is not promised; some compatible servers leave the index out.
      const index = countOf(entry?.['index']) ?? place
      if (index < texts) vectors[index] = entry?.['embedding']
    }
    return vectors
  },
}

const OLLAMA: EmbeddingFormat = {
  path: '/api/embed',
  base: (url) => url.replace(/\/v1$/, ''),
  // What is longer than the model's window is cut there: a passage is short, and its beginning says what it is about.
  body: (model, texts) => ({ model, input: texts, truncate: true }),
  read: (answer) => (Array.isArray(answer['embeddings']) ? answer['embeddings'] : []),
}

/** Whoever is not here makes no embeddings. */
export const EMBEDDING_FORMATS: Partial<Record<Provider, EmbeddingFormat>> = {
  openai: OPENAI,
  google: OPENAI,
  ollama: OLLAMA,
  'openai-compatible': OPENAI,
}

/**
 * Some models were trained with a sign before the text that says what it is for, and lose without it; their servers do not add it.
 * From the cards of the models.
 */
const INSTRUCTIONS: readonly { model: RegExp; query: string; passage: string }[] = [
  { model: /nomic-embed-text/i, query: 'search_query: ', passage: 'search_document: ' },
  { model: /(^|[/_-])e5-(?!mistral)/i, query: 'query: ', passage: 'passage: ' },
  {
    model: /mxbai-embed|snowflake-arctic-embed(?!2)|bge-(small|base|large)-en/i,
    query: 'Represent this sentence for searching relevant passages: ',
    passage: '',
  },
  { model: /embeddinggemma/i, query: 'task: search result | query: ', passage: 'title: none | text: ' },
]

export function instructionFor(model: string, purpose: 'query' | 'passage'): string {
  return INSTRUCTIONS.find((row) => row.model.test(model))?.[purpose] ?? ''
}
