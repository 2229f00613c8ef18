import assert from 'node:assert/strict'
import { test } from 'node:test'
import { networkOf } from './attempts.ts'

const NETWORKS: readonly [string | undefined, string][] = [
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['2001:0db8:0:0:ffff::1', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  [undefined, 'local'],
]

for (const [address, network] of NETWORKS) {
  test(`attempts from ${address ?? 'a local socket'} count for ${network}`, () => {
    assert.equal(networkOf(address), network)
  })
}
