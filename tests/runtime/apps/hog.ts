/**
 * A job application that takes so many megabytes, as `TEST_HOG_MB` says, and touches them: in Buffers, as objects of the heap, or in a
 * memory of WebAssembly (`TEST_HOG_KIND`); once, and then has nothing to do. It keeps them until a file `go` is there, if it is to stay.
 */
import { appendFileSync, existsSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { JobApplication, WorkerHost } from '../../../src/runtime.ts'

const MIB = 1024 * 1024
const WASM_PAGE_BYTES = 65_536
// Node has it, and the types of Node have not.
const { WebAssembly: wasm } = globalThis as unknown as {
  WebAssembly: { Memory: new (size: { initial: number }) => { buffer: ArrayBuffer } }
}
const folder = process.env['TEST_FOLDER']
const held: unknown[] = []
let host: WorkerHost

const HOGS: Readonly<Record<string, () => void>> = {
  buffer: () => held.push(Buffer.alloc(MIB, 1)),
  // Distinct numbers of their own: 16 bytes each, and the array around them.
  heap: () => held.push(Array.from({ length: 40_000 }, (_, index) => ({ value: index + 0.5 }))),
  wasm() {
    const memory = new wasm.Memory({ initial: MIB / WASM_PAGE_BYTES })
    new Uint8Array(memory.buffer).fill(1)
    held.push(memory)
  },
}

export default {
  async open(given) {
    host = given
  },
  async run(signal) {
    const wanted = existsSync(`${folder}/hogged`) ? 0 : Number(process.env['TEST_HOG_MB'])
    appendFileSync(`${folder}/hogged`, `${process.pid}\n`)
    for (let megabytes = 0; megabytes < wanted; megabytes += 1) HOGS[process.env['TEST_HOG_KIND'] ?? 'buffer']!()
    appendFileSync(`${folder}/holding`, `${process.pid}\n`)
    while (process.env['TEST_HOG_STAYS'] && !existsSync(`${folder}/go`) && !signal.aborted) await sleep(50)
    host.announceWork({ waiting: false, nextAt: null })
  },
} satisfies JobApplication
