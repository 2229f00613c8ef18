/** A process that writes one answer, to be killed: FOLDER USER COLLECTION CHAT MODEL-URL. Says the message's id when it has begun. */
import { openChat } from '../../src/chat.ts'
import { openChatModel } from '../../src/inference.ts'
import { createLog } from '../../src/lib/log.ts'
import { openSearch } from '../../src/search.ts'
import { openStorage } from '../../src/storage.ts'

const [folder, user, collection, chatId, url] = process.argv.slice(2) as [string, string, string, string, string]
const storage = openStorage(folder, { role: 'web' })
const model = openChatModel({ provider: 'openai-compatible', model: 'double', url, timeoutS: 30 })
const chat = openChat({ storage, search: openSearch(storage), model, log: createLog() })
const asker = { userId: Number(user), readableCollections: [Number(collection)] }
const { messageId } = await chat.send(asker, chatId, { question: 'How many seats does the reading room have?' })
process.stdout.write(`${messageId}\n`)
