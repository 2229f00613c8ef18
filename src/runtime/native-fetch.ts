/**
 * The platform's own classes of Fetch. The first look at them loads what lies behind, 6.4 MB (Node 24.21): a worker takes it
 * with its first request and not before.
 */
export interface NativeFetch {
  Request: typeof Request
  Response: typeof Response
  fetch: typeof fetch
}

let kept: NativeFetch | undefined

/** What the platform had before anything of ours took its place. */
export function nativeFetch(): NativeFetch {
  kept ??= { Request: globalThis.Request, Response: globalThis.Response, fetch: globalThis.fetch }
  return kept
}
