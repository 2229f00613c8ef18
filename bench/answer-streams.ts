/**
 * What do answers cost that are being written? `node --max-semi-space-size=2 bench/answer-streams.ts [STREAMS…]`
 *
 * So many chats are asked at once; a model server in another process writes 200 tokens each, 20 a second; every answer is journaled
 * and followed by one reader in this process. Printed: growth of anonymous memory while all are open, the time between two deltas as
 * a reader sees it, processor time, and whether every token arrived and is in the history. HTTP towards the readers is not counted.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openChat } from '../src/chat.ts'
import { openChatModel } from '../src/inference.ts'
import { createLog } from '../src/lib/log.ts'
import { openSearch } from '../src/search.ts'
import { migrate, openStorage } from '../src/storage.ts'
import { addPerson } from '../tests/support/folder.ts'
import { addDocument } from '../tests/support/library.ts'
import { readProcess } from './support/process-memory.ts'

const TOKENS = 200
const NEVER = new AbortController().signal
const anonymousMb = () => readProcess(process.pid)!.anonymousMb
const counts = process.argv.slice(2).map(Number)

const server = fork(join(import.meta.dirname, 'support/model-server.ts'))
const [url] = (await once(server, 'message')) as [string]
const folder = mkdtempSync(join(tmpdir(), 'knowbot-streams-'))
try {
  migrate(folder)
  await using storage = openStorage(folder, { role: 'web' })
  const search = openSearch(storage)
  const model = openChatModel({ provider: 'openai-compatible', model: 'bench', url, timeoutS: 60 })
  const chat = openChat({ storage, search, model, log: createLog({ level: 'warn' }) })
  const ana = await addPerson(storage, 'ana')
  const text = 'The reading room has 42 seats, six of them with a lamp. It opens at nine in the morning.'
  await addDocument(storage, search, ana, { name: 'handbook.txt', pages: [text] })

  console.log('streams   kB each   gap p50   p99   max (ms)   processor s   lost')
  // The first answer loads what is loaded on first use.
  await run(1)
  for (const count of counts.length > 0 ? counts : [100, 1000]) await run(count)

  async function run(count: number): Promise<void> {
    const { id: chatId } = await chat.create(ana, {})
    const before = anonymousMb()
    const cpu = process.cpuUsage()
    const gaps: number[] = []
    let open = 0
    let peak = before
    const sampler = setInterval(() => {
      if (open === count) peak = Math.max(peak, anonymousMb())
    }, 1000)
    const answers = await Promise.all(
      Array.from({ length: count }, async () => {
        const { messageId } = await chat.send(ana, chatId, { question: 'How many seats does the reading room have?' })
        open++
        let last = 0
        let answer = ''
        for await (const { event } of chat.follow(ana, { chatId, messageId }, undefined, NEVER)) {
          if (event.type === 'answer-end') answer = event.answer
          if (event.type !== 'text-delta') continue
          if (last > 0) gaps.push(performance.now() - last)
          last = performance.now()
        }
        return answer
      }),
    )
    clearInterval(sampler)
    if (count === 1) return
    const { user, system } = process.cpuUsage(cpu)
    const lost = answers.reduce((sum, answer) => sum + TOKENS - answer.split(' word').length + 1, 0)
    gaps.sort((a, b) => a - b)
    const at = (share: number) => gaps[Math.min(gaps.length - 1, Math.floor(share * gaps.length))]!.toFixed(0)
    const each = (((peak - before) * 1024) / count).toFixed(1)
    const cells = [count, each, at(0.5), at(0.99), at(1), ((user + system) / 1e6).toFixed(1), lost]
    console.log(cells.map((cell, index) => String(cell).padStart([7, 10, 10, 6, 6, 17, 7][index]!)).join(''))
  }
} finally {
  server.disconnect()
  rmSync(folder, { recursive: true, force: true })
}
