// npm run check: everything about the sources that can be known without running the tests. Every step runs, also after one has failed.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string): string => join(root, 'node_modules/.bin', name)
const generated = [
  'schema.graphql',
  'docs/data-map.md',
  'docs/privacy-policy.md',
  'docs/promises.md',
  'docs/record-of-processing.md',
  'tests/generated/documents.ts',
]

const failed: string[] = []

await step('format', () => run(bin('oxfmt'), ['--check', 'src', 'dev', 'tests', 'scripts', 'bench', '*.ts']))
await step('generated files', async () => {
  const before = generated.map(contentOf)
  const outcome = await run('npm', ['run', '--silent', 'generate'])
  const stale = generated.filter((path, index) => contentOf(path) !== before[index])
  return {
    ok: outcome.ok && stale.length === 0,
    text: stale.length ? `${outcome.text}\nThese were out of date and are current now; commit them: ${stale.join(', ')}` : outcome.text,
  }
})
await step('lint', () => run(bin('oxlint'), ['--type-aware', '--deny-warnings']))
await step('types', () => run(bin('tsc'), ['--noEmit', '-p', '.']))
await step('promises', () => run(process.execPath, ['scripts/promises.ts', '--static']))
await step('migrations', () => run(process.execPath, ['scripts/migration.ts', '--check']))

if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0

interface Outcome {
  ok: boolean
  text: string
}

async function step(name: string, work: () => Promise<Outcome>): Promise<void> {
  const since = performance.now()
  const { ok, text } = await work()
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(16)} ${((performance.now() - since) / 1000).toFixed(1)} s`)
  if (ok) return
  failed.push(name)
  console.error(text.trimEnd())
}

function run(file: string, args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (part: string) => (text += part))
    child.once('error', (error) => resolve({ ok: false, text: String(error) }))
    child.once('close', (code) => resolve({ ok: code === 0, text }))
  })
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return undefined
  }
}
