// npm run test:postgres -- <url> [vitest's arguments]: the whole suite on any PostgreSQL 15 or later, as a role that may create databases. It uses databases of its own.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const [url, ...args] = process.argv.slice(2)
if (!url || !/^postgres(ql)?:\/\//.test(url)) {
  console.error(
    'Usage: npm run test:postgres -- postgresql://user:password@host:5432/database [arguments for vitest]\nThe user needs the right to create databases.',
  )
  process.exit(2)
}
const cli = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const { status } = spawnSync(process.execPath, [cli, 'run', ...args], { stdio: 'inherit', env: { ...process.env, TEST_DATABASE_URL: url } })
process.exitCode = status ?? 1
