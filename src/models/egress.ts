/** Where a model that is chosen in the page may be: anywhere but where machines keep what they tell only themselves. */
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { KnowBotError } from '../errors.ts'

/** Link-local addresses, where clouds answer with credentials, and those that name nobody. Loopback and private ones are Ollama's. */
const REFUSED = new BlockList()
for (const [network, prefix] of [
  ['169.254.0.0', 16],
  ['0.0.0.0', 8],
  ['224.0.0.0', 3],
  ['100.100.100.200', 32],
] as const)
  REFUSED.addSubnet(network, prefix, 'ipv4')
for (const [network, prefix] of [
  ['fe80::', 10],
  ['ff00::', 8],
  ['fd00:ec2::', 32],
  ['::', 128],
] as const)
  REFUSED.addSubnet(network, prefix, 'ipv6')

/** Throws `bad_request`. A name that cannot be resolved passes: the test of the model says so. */
export async function assertMayBeModelServer(url: string): Promise<void> {
  const host = new URL(url).hostname.replace(/^\[|\]$/g, '')
  const addresses =
    isIP(host) !== 0 ? [{ address: host }] : await lookup(host, { all: true, verbatim: true }).catch(() => [])
  const refused = addresses.find(({ address }) => isRefused(address))
  if (!refused) return
  const message = `Expected the address of a model server, got ${host} (${refused.address}), which is kept for the machine itself.`
  throw new KnowBotError('bad_request', message)
}

function isRefused(address: string): boolean {
  // An IPv4 address in IPv6 clothes is the IPv4 address.
  const plain = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address
  return REFUSED.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}
