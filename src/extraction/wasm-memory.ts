/**
 * A ceiling for the memory of WebAssembly modules in this process. They are built to grow up to 2 GB before they refuse,
 * and a heap flag does not count them: a 30 KB PDF whose stream unpacks to 2 GB got that far.
 */

const PAGE_BYTES = 65_536

interface Memory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** Node's types leave the name out; it is there. */
const { prototype } = (globalThis as unknown as { WebAssembly: { Memory: { prototype: Memory } } }).WebAssembly.Memory

let refused = false

export function limitWasmMemory(bytesMax: number): void {
  const { grow } = prototype
  prototype.grow = function (this: Memory, pages: number): number {
    if (this.buffer.byteLength + pages * PAGE_BYTES > bytesMax) {
      refused = true
      throw new RangeError('Out of memory: the module may not grow any more.')
    }
    return grow.call(this, pages)
  }
}

/** Whether a module has met its ceiling: what it throws afterwards is a want of memory, whatever it calls it. */
export function hasRefusedMemory(): boolean {
  return refused
}
