/** The files of both versions as kernels and container engines show them. */
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readGroupMemory } from './cgroup-memory.ts'

const MIB = 1024 * 1024
const NONE_V1 = '9223372036854771712\n'
const STAT_V1 =
  'cache 1048576\nrss 100\ntotal_cache 1048576\ntotal_rss 52428800\ntotal_inactive_file 3145728\ntotal_active_file 1048576\n'
const STAT_V2 =
  'anon 52428800\nfile 1048576\nkernel_stack 16384\ninactive_file 2097152\nactive_file 1048576\nslab_reclaimable 1048576\n'

const CASES: readonly {
  name: string
  files: Readonly<Record<string, string>>
  expected: ReturnType<typeof readGroupMemory>
}[] = [
  {
    name: 'version 1, in a container: the path is the host’s, and the root is our group',
    files: {
      membership: '12:pids:/docker/0a1b\n5:memory:/docker/0a1b\n0::/system.slice\n',
      'memory/memory.limit_in_bytes': '268435456\n',
      'memory/memory.usage_in_bytes': '73400320\n',
      'memory/memory.stat': STAT_V1,
    },
    expected: expected({ version: 1, limitBytes: 256 * MIB, usedBytes: 70 * MIB }),
  },
  {
    name: 'version 1, a group below others: the smallest limit on the way up counts',
    files: {
      membership: '4:cpu,memory:/outer/inner\n',
      'memory/memory.limit_in_bytes': NONE_V1,
      'memory/memory.stat': STAT_V1,
      'memory/outer/memory.limit_in_bytes': '134217728\n',
      'memory/outer/inner/memory.limit_in_bytes': '536870912\n',
      'memory/outer/inner/memory.usage_in_bytes': '73400320\n',
      'memory/outer/inner/memory.stat': STAT_V1,
    },
    expected: expected({ version: 1, limitBytes: 128 * MIB, usedBytes: 70 * MIB }),
  },
  {
    name: 'version 1 without a limit',
    files: {
      membership: '4:memory:/\n',
      'memory/memory.limit_in_bytes': NONE_V1,
      'memory/memory.usage_in_bytes': '73400320\n',
      'memory/memory.stat': STAT_V1,
    },
    expected: expected({ version: 1, usedBytes: 70 * MIB }),
  },
  {
    name: 'version 2, in a container with a namespace of its own',
    files: {
      membership: '0::/\n',
      'memory.max': '536870912\n',
      'memory.current': '73400320\n',
      'memory.stat': STAT_V2,
      'memory.oom.group': '0\n',
    },
    expected: expected({ version: 2, limitBytes: 512 * MIB, usedBytes: 70 * MIB }),
  },
  {
    name: 'version 2 as Kubernetes sets it up: everything dies together, and the limit stands above us',
    files: {
      membership: '0::/kubepods/pod1/box\n',
      'memory.stat': STAT_V2,
      'kubepods/pod1/memory.max': '402653184\n',
      'kubepods/pod1/box/memory.max': 'max\n',
      'kubepods/pod1/box/memory.current': '73400320\n',
      'kubepods/pod1/box/memory.stat': STAT_V2,
      'kubepods/pod1/box/memory.oom.group': '1\n',
      'kubepods/pod1/box/memory.pressure':
        'some avg10=40.00 avg60=9.00 avg300=2.00 total=812345\nfull avg10=12.34 avg60=3.00 avg300=1.00 total=412345\n',
    },
    expected: expected({
      version: 2,
      limitBytes: 384 * MIB,
      usedBytes: 70 * MIB,
      diesTogether: true,
      stalledPercent: 12.34,
    }),
  },
  {
    name: 'both versions, memory under version 1',
    files: {
      membership: '4:memory:/own\n0::/\n',
      'memory/own/memory.limit_in_bytes': '268435456\n',
      'memory/own/memory.usage_in_bytes': '73400320\n',
      'memory/own/memory.stat': STAT_V1,
      'memory.stat': STAT_V2,
    },
    expected: expected({ version: 1, limitBytes: 256 * MIB, usedBytes: 70 * MIB }),
  },
  { name: 'a machine without cgroups', files: {}, expected: undefined },
  { name: 'version 2 without the memory controller', files: { membership: '0::/\n' }, expected: undefined },
]

for (const { name, files, expected } of CASES) {
  test(name, (t) => assert.deepEqual(readGroupMemory(lay(t, files)), expected))
}

test('a limit that is lowered while we run is seen at the next look', (t) => {
  const files = { membership: '0::/\n', 'memory.max': '536870912\n', 'memory.stat': STAT_V2 }
  const roots = lay(t, files)
  assert.equal(readGroupMemory(roots)?.limitBytes, 512 * MIB)
  writeFileSync(join(roots.sys, 'memory.max'), '268435456\n')
  assert.equal(readGroupMemory(roots)?.limitBytes, 256 * MIB)
})

function expected(some: Partial<NonNullable<ReturnType<typeof readGroupMemory>>>) {
  return {
    version: 1 as const,
    limitBytes: undefined,
    usedBytes: undefined,
    anonymousBytes: 50 * MIB,
    reclaimableBytes: 4 * MIB,
    stalledPercent: undefined,
    diesTogether: false,
    ...some,
  }
}

function lay(t: TestContext, files: Readonly<Record<string, string>>) {
  const sys = mkdtempSync(join(tmpdir(), 'knowbot-cgroup-'))
  t.after(() => rmSync(sys, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(sys, name)), { recursive: true })
    writeFileSync(join(sys, name), text)
  }
  return { sys, membership: join(sys, 'membership') }
}
