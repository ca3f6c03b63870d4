// Generates the Prisma client after `npm ci`; an install without dev dependencies has no Prisma CLI and brings the generated client along.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const cli = 'node_modules/prisma/build/index.js'
if (existsSync(cli) && existsSync('prisma/schema.prisma')) {
  const { status } = spawnSync(process.execPath, [cli, 'generate', '--no-hints'], { stdio: ['ignore', 'ignore', 'inherit'] })
  process.exitCode = status ?? 1
}
