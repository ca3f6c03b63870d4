// npm run test:partitions -- [vitest's arguments]: the whole suite on tables that are split into 16 hash partitions by owner.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const cli = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { status } = spawnSync(process.execPath, [cli, 'run', ...process.argv.slice(2)], { stdio: 'inherit', env: { ...process.env, TEST_PARTITIONS: '16' } })
process.exitCode = status ?? 1
