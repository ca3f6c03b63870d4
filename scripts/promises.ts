// npm run promises: every promise, the tests that prove it, and whether they pass. `-- --static` runs nothing; `-- --results DIRECTORY` takes what earlier runs of vitest wrote there.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { declaredPromises } from './promises/declared.ts'
import { faultsOf, judge, type Outcome } from './promises/judge.ts'
import { listPromises, summaryOf } from './promises/print.ts'
import { idsOf, type Proof, readProofs } from './promises/proofs.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const { values: wanted } = parseArgs({ options: { static: { type: 'boolean', default: false }, results: { type: 'string' } } })

const found = await readProofs(root)
const outcomes = wanted.static ? null : wanted.results === undefined ? await run(found.proofs) : await readResults(wanted.results)
const judged = judge(declaredPromises, found.proofs, outcomes)
const faults = faultsOf(judged, found)

if (!wanted.static) console.log(`${listPromises(judged)}\n`)
console.log(summaryOf(declaredPromises))
if (outcomes && faults.length === 0) console.log(`${outcomes.length} tests prove them, and all of them pass.`)
if (faults.length > 0) console.error(`\n${faults.join('\n')}`)
process.exitCode = faults.length > 0 ? 1 : 0

/** Runs the tagged tests alone, each kind under its own settings. */
async function run(proofs: Proof[]): Promise<Outcome[]> {
  const kinds: [config: string, belongs: (file: string) => boolean][] = [
    ['vitest.config.ts', (file) => !/^tests\/(heavy|browser)\//.test(file)],
    ['vitest.heavy.config.ts', (file) => file.startsWith('tests/heavy/')],
    ['vitest.browser.config.ts', (file) => file.startsWith('tests/browser/')],
  ]
  const directory = await mkdtemp(join(tmpdir(), 'kith-promises-'))
  try {
    for (const [config, belongs] of kinds) {
      const files = [...new Set(proofs.map(({ file }) => file).filter(belongs))]
      if (files.length > 0) await vitest(config, files, join(directory, `${config}.json`))
    }
    return await readResults(directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

/** How it ended does not matter here: what failed stands in the results, and what is not there did not pass. */
async function vitest(config: string, files: string[], outputFile: string): Promise<void> {
  const options = ['--config', config, '--testNamePattern', String.raw`\[[FS]-\d\d\]`, '--reporter=dot', '--reporter=json', `--outputFile.json=${outputFile}`]
  const child = spawn(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...options, ...files], { cwd: root, stdio: ['ignore', 2, 2] })
  await new Promise<void>((resolve, reject) => child.once('error', reject).once('close', () => resolve()))
}

/** The tagged tests among what vitest wrote; a file that could not be read counts as one test that failed for all it was to prove. */
async function readResults(directory: string): Promise<Outcome[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json'))
  const results = await Promise.all(names.map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as Results))
  return results
    .flatMap(({ testResults }) => testResults)
    .flatMap(({ name, status, assertionResults }) => (assertionResults.length > 0 ? assertionResults : [{ fullName: titlesIn(name), status }]))
    .filter(({ fullName }) => idsOf(fullName).length > 0)
}

function titlesIn(path: string): string {
  return found.proofs
    .filter(({ file }) => path === join(root, file))
    .map(({ title }) => title)
    .join(' ')
}

interface Results {
  testResults: { name: string; status: string; assertionResults: Outcome[] }[]
}
