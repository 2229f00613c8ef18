/** WebAssembly as the readers use it: a ceiling for memory, and modules that are started from their file. */
import { readFile } from 'node:fs/promises'

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

interface Instance {
  readonly exports: Record<string, unknown>
}

interface WebAssembly {
  Memory: { prototype: Memory; new (options: { initial: number }): Memory }
  instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: Instance; module: object }>
}

/** Node's types leave the name out; it is there. */
const wasm = (globalThis as unknown as { WebAssembly: WebAssembly }).WebAssembly
const PAGE_BYTES = 65_536

let refused = false

/**
 * Modules are built to grow up to 2 GB before they refuse, and a heap flag does not count them: a 30 KB PDF whose stream
 * unpacks to 2 GB got that far.
 */
export function limitWasmMemory(bytesMax: number): void {
  const { prototype } = wasm.Memory
  const { grow } = prototype
  prototype.grow = function (this: Memory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > bytesMax) {
      refused = true
      throw new RangeError('Out of memory: the module may not grow any more.')
    }
    try {
      return grow.call(this, pages)
    } catch (error) {
      refused = true // The cage has no more.
      throw error
    }
  }
}

/** Whether a module has met its ceiling: what it throws afterwards is a want of memory, whatever it calls it. */
export function hasRefusedMemory(): boolean {
  return refused
}

export interface WasmFile {
  /** An option of Emscripten's modules. */
  instantiateWasm(imports: object, receive: (instance: Instance, module: object) => void): object
  /** The module's memory; ask anew after each call, for it moves when it grows. */
  heap(): Uint8Array
}

/** Starts a module from its file. Given as bytes, the module would keep them for as long as it lives. */
export function wasmFile(path: string): WasmFile {
  let memory: Memory | undefined
  return {
    instantiateWasm(imports, receive) {
      const start = async () => {
        const { instance, module } = await wasm.instantiate(await readFile(path), imports)
        memory = Object.values(instance.exports).find((value): value is Memory => value instanceof wasm.Memory)
        receive(instance, module)
      }
      void start() // Emscripten waits for `receive`; a module that cannot be started is a broken installation.
      return {}
    },
    heap() {
      if (!memory) throw new Error(`${path} has no memory.`)
      return new Uint8Array(memory.buffer)
    },
  }
}
