/**
 * A stream by the pieces that came. A loop over the stream itself, and `read()`, join all that has gathered into a new buffer: of
 * twenty uploads at once each byte was copied twice (profile; bench/memory.ts shows the whole).
 */
import type { Readable } from 'node:stream'

const OVER = ['end', 'error', 'close'] as const

/**
 * The next piece; undefined at the end. Until the next call the stream stands still, and nobody listens to it. Where somebody else has
 * taken the stream over, its end is all that is told.
 */
export function nextPiece(stream: Readable): Promise<Uint8Array | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array | undefined>()
  const isOver = () => {
    if (stream.errored) reject(stream.errored)
    else if (stream.readableEnded) resolve(undefined)
    else if (stream.destroyed) reject(new Error('The stream was closed before its end.'))
    else return false
    return true
  }
  if (isOver()) return promise
  const leave = () => {
    stream.off('data', onData)
    for (const event of OVER) stream.off(event, onOver)
  }
  const onData = (piece: Uint8Array) => {
    stream.pause()
    leave()
    resolve(piece)
  }
  const onOver = () => {
    if (isOver()) leave()
  }
  if (stream.listenerCount('data') === 0) stream.on('data', onData)
  for (const event of OVER) stream.on(event, onOver)
  stream.resume()
  return promise
}
