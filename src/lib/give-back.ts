/**
 * Memory of bytes that nobody needs any more, given back at once. What comes over a connection is a buffer of its own for every
 * 64 KB; left to V8, a few dozen uploads are tens of megabytes of garbage, for which it then marks all it holds, beside the
 * event loop and on it: 30 of the 100 ms that twenty scans of 0.6 MB took at once (profile; bench/memory.ts shows the whole).
 */
export function giveBack(chunk: Uint8Array): void {
  const { buffer } = chunk
  // Whoever has only a part of a buffer does not know who has the rest.
  if (buffer instanceof ArrayBuffer && chunk.byteLength === buffer.byteLength) buffer.transfer(0)
}
