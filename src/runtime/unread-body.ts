/**
 * An answer that comes before the request's body has been read: 413 after the head, 401 after the first kilobyte. A socket
 * closed while bytes are unread is reset, and the reset may overtake the answer. So the answer goes out with `Connection:
 * close`, our side is ended, and what still comes is thrown away for a while, until the client has read and closes
 * (lingering close, with the bounds of nginx).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { giveBack } from '../lib/give-back.ts'
import { hasBody } from './fetch-request.ts'

const LINGER_MS_MAX = 30_000
const LINGER_SILENCE_MS_MAX = 5_000
/** So little is read to its end, and the connection kept. */
const SMALL_REST_BYTES = 65_536

/** To be called before the head is written. */
export function leaveBody(incoming: IncomingMessage, outgoing: ServerResponse): void {
  if (incoming.complete || incoming.readableEnded || !hasBody(incoming)) return
  const length = Number(incoming.headers['content-length'] ?? Number.NaN)
  if (length <= SMALL_REST_BYTES && incoming.headers.expect === undefined) return
  outgoing.setHeader('connection', 'close')
  outgoing.shouldKeepAlive = false
  // node:http would throw away what still comes without letting go of its memory: 70 refused uploads were 60 MB of garbage.
  Object.assign(incoming, { _dump: () => undefined })
  const { socket } = incoming
  // node:http calls it when the last answer of a connection is written.
  socket.destroySoon = () => linger(incoming, socket)
}

function linger(incoming: IncomingMessage, socket: Socket): void {
  socket.destroySoon = Socket.prototype.destroySoon
  if (incoming.complete) {
    socket.destroySoon() // Nothing is unread, so that nothing resets.
    return
  }
  socket.end()
  const timer = setTimeout(() => socket.destroy(), LINGER_MS_MAX)
  socket.setTimeout(LINGER_SILENCE_MS_MAX, () => socket.destroy())
  socket.once('close', () => clearTimeout(timer))
  incoming.once('end', () => socket.destroy())
  // Taken over: whoever still waits for a piece hears of the end alone.
  incoming.removeAllListeners('data').on('data', giveBack).resume()
}
