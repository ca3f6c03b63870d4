import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const home = await mkdtemp(join(tmpdir(), 'kith-lint-'))
afterAll(() => rm(home, { recursive: true, force: true }))

/** A file that breaks a rule, and the rule. */
const violations: [name: string, path: string, source: string, rule: string][] = [
  ['a service that imports a schema', 'src/notes/service.ts', `import { Note } from './schema.ts'\nexport const a = Note\n`, 'import-direction'],
  [
    'a service that imports the GraphQL builder',
    'src/notes/more.ts',
    `import { builder } from '../graphql/builder.ts'\nexport const a = builder\n`,
    'import-direction',
  ],
  ['a policy that imports HTTP', 'src/notes/policy.ts', `import { a } from '../http/server.ts'\nexport const b = a\n`, 'import-direction'],
  ["another domain's inside", 'src/reminders/reads.ts', `import { a } from '../notes/reads.ts'\nexport const b = a\n`, 'import-direction'],
  ["another domain's schema", 'src/reminders/schema.ts', `import { a } from '../notes/schema.ts'\nexport const b = a\n`, 'import-direction'],
  ['a walker that knows a domain', 'src/retention/service.ts', `import { a } from '../notes/service.ts'\nexport const b = a\n`, 'import-direction'],
  ['a core that knows the database', 'src/core/more.ts', `import { a } from '../db/client.ts'\nexport const b = a\n`, 'import-direction'],
  ['a job queue that knows a domain', 'src/jobs/more.ts', `import { a } from '../notes/service.ts'\nexport const b = a\n`, 'import-direction'],
  ['a domain that wires', 'src/notes/jobs.ts', `import { createApp } from '../app.ts'\nexport const b = createApp\n`, 'import-direction'],
  ['src that imports the simulator', 'src/commands/more.ts', `export const a = import('../../dev/google/simulator.ts')\n`, 'import-direction'],
  ['a domain that runs a command', 'src/notes/other.ts', `export { a } from '../commands/serve.ts'\n`, 'import-direction'],
  ['Date.now', 'src/notes/time1.ts', `export const a = Date.now()\n`, 'no-system-time'],
  ['new Date', 'src/notes/time2.ts', `export const a = new Date()\n`, 'no-system-time'],
  ['Temporal.Now', 'src/notes/time3.ts', `export const a = Temporal.Now.instant()\n`, 'no-system-time'],
  ['globalThis.Date.now', 'src/notes/time4.ts', `export const a = globalThis.Date['now']()\n`, 'no-system-time'],
  ['a Temporal taken apart', 'src/notes/time5.ts', `const { Now } = Temporal\nexport const a = Now\n`, 'no-system-time'],
  ['process.env', 'src/notes/env1.ts', `export const a = process.env\n`, 'no-environment'],
  ["process['env']", 'src/notes/env2.ts', `export const a = process['env']['HOME']\n`, 'no-environment'],
  ['env of node:process', 'src/notes/env3.ts', `import { env } from 'node:process'\nexport const a = env\n`, 'no-environment'],
  ['a process taken apart', 'src/notes/env4.ts', `const { env } = process\nexport const a = env\n`, 'no-environment'],
  ['a default export', 'src/notes/default.ts', `export default 1\n`, 'no-default-export'],
  ['any', 'src/notes/any.ts', `export const a: any = 1\n`, 'no-explicit-any'],
  ['!', 'src/notes/bang.ts', `export const a = [1][0]!\n`, 'no-non-null-assertion'],
  ['a cycle', 'src/notes/one.ts', `import { two } from './two.ts'\nexport const one = (): unknown => two\n`, 'no-cycle'],
]

const allowed: [path: string, source: string][] = [
  ['src/notes/two.ts', `import { one } from './one.ts'\nexport const two = (): unknown => one\n`], // the other half of the cycle
  ['src/notes/schema.ts', `import { builder } from '../graphql/builder.ts'\nimport { reads } from './reads.ts'\nexport const Note = [builder, reads]\n`],
  ['src/notes/domain.ts', `import { Note } from './schema.ts'\nexport const notes = Note\n`],
  [
    'src/notes/reads.ts',
    `import { a } from '../contacts/service.ts'\nimport type { App } from '../app.ts'\nexport const reads = [a, {} as App, new Date(0), Temporal.Instant]\n`,
  ],
  ['src/core/ctx.ts', `import type { a } from '../db/client.ts'\nexport type B = typeof a\n`],
  ['src/core/clock.ts', `export const a = [new Date(), Temporal.Now.instant()]\n`],
  ['src/env.ts', `export const a = process.env\n`],
  ['tests/notes/a.test.ts', `import { a } from '../../src/notes/time2.ts'\nimport { b } from '../../dev/google/a.ts'\nexport const c = [a, b, new Date()]\n`],
]

const found = await lint()

test.each(violations)('lint finds %s', (_name, path, _source, rule) => {
  expect(found.filter((problem) => problem.startsWith(`${path}: `)).join('\n')).toContain(rule)
})

test('lint leaves alone what follows the rules', () => {
  const paths = allowed.map(([path]) => `${path}: `).slice(1)
  expect(found.filter((problem) => paths.some((path) => problem.startsWith(path)))).toEqual([])
})

async function lint(): Promise<string[]> {
  for (const [path, source] of [...violations.map(([, path, source]) => [path, source] as const), ...allowed]) {
    await mkdir(join(home, dirname(path)), { recursive: true })
    await writeFile(join(home, path), source)
  }
  await mkdir(join(home, 'scripts'))
  await cp(join(root, 'scripts/lint-rules.ts'), join(home, 'scripts/lint-rules.ts'))
  await cp(join(root, '.oxlintrc.json'), join(home, '.oxlintrc.json'))
  await writeFile(join(home, 'package.json'), '{ "type": "module" }')
  await writeFile(join(home, 'tsconfig.json'), '{}')
  await symlink(join(root, 'node_modules'), join(home, 'node_modules'))
  const stdout = await new Promise<string>((resolve, reject) =>
    execFile(process.execPath, [join(root, 'node_modules/oxlint/bin/oxlint'), '--format', 'json'], { cwd: home }, (error, text) =>
      text ? resolve(text) : reject(error ?? new Error('oxlint says nothing')),
    ),
  )
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: { code: string; filename: string }[] }
  return diagnostics.map(({ code, filename }) => `${filename}: ${code}`)
}
