import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import manifest from '../package.json' with { type: 'json' }
import { keepHeapSmall } from './heap.ts'

keepHeapSmall()

// Halves the time to load everything from the second start on. Not in the shared temporary directory, where others could lay code for us.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/kith', import.meta.url)))

// Each command is loaded when it runs: `kith --help` need not wait for a database driver.
const program = new Command('kith')
  .description('A personal CRM behind one GraphQL endpoint. Settings come from the environment; README.md lists them, and none is needed to try it.')
  .version(manifest.version)
  .exitOverride()
  .showHelpAfterError('("kith --help" lists the commands, "kith <command> --help" the options of one)')
  .addHelpText(
    'after',
    `
Examples:
  kith serve                                                    run everything, with demo accounts, in .data
  kith token create --email ada@example.test --scopes all       print a token for scripts
  PORT=4001 KITH_DATA_DIR=.data-2 kith serve                    a second instance beside the first
  kith doctor                                                   find out what is wrong, and what to do about it`,
  )

program
  .command('serve')
  .description('run the server: the endpoint and, unless told otherwise, the background jobs')
  .option('--no-worker', 'leave background jobs to "kith worker"')
  .option('--processes <count>', 'so many server processes share the port, and one more does the jobs; as many as there are processors is plenty', processCount)
  .action(async ({ worker, processes }: { worker: boolean; processes?: number }) =>
    processes === undefined
      ? (await import('./commands/serve.ts')).serve({ worker })
      : (await import('./commands/processes.ts')).serveInProcesses({ worker, processes }),
  )

program
  .command('process', { hidden: true })
  .description('be one of the processes of "kith serve --processes"')
  .argument('<role>')
  .action(async (role: string) => (await import('./commands/process.ts')).runProcess(role === 'jobs' ? 'jobs' : 'server'))

program
  .command('worker')
  .description('run background jobs only, beside any number of servers and workers')
  .action(async () => (await import('./commands/worker.ts')).work())

program
  .command('migrate')
  .description('bring both databases up to date ("kith serve" does so as it starts)')
  .action(async () => (await import('./commands/migrate.ts')).migrateDatabases())

program
  .command('distribute')
  .description('have the rows of each owner lie together: over the shards of a Citus cluster, or without Citus in hash partitions')
  .option('--partitions <number>', 'how many each table gets, or how many shards with Citus; 16 and 32 when not given', (text: string) => {
    if (!/^\d{1,4}$/.test(text) || Number(text) < 2 || Number(text) > 1024) throw new InvalidArgumentError('It is a whole number from 2 to 1024.')
    return Number(text)
  })
  .option('--dry-run', 'only say what would be done', false)
  .action(async ({ partitions, dryRun }: { partitions?: number; dryRun: boolean }) =>
    (await import('./commands/distribute.ts')).distribute({ partitions: partitions ?? null, dryRun }),
  )

const token = program.command('token').description('API tokens')
token
  .command('create')
  .description('make an API token and print it, once')
  .requiredOption('--email <address>', 'of the account it acts for')
  .requiredOption('--scopes <scopes>', '"all", or a list such as contacts:read,notes:write')
  .option('--name <name>', 'what the list of tokens calls it', 'Command line')
  .option('--expires <when>', 'a day (2030-01-31) or a period (30d, P3M); 90 days when not given')
  .action(async (options: { email: string; scopes: string; name: string; expires?: string }) => (await import('./commands/token.ts')).tokenCreate(options))

program
  .command('demo')
  .description('make the demo accounts and fill them, without a browser')
  .action(async () => (await import('./commands/demo.ts')).demo())

program
  .command('sync')
  .description('fetch what is new at Google for an account, now')
  .requiredOption('--email <address>', 'of the account')
  .option('--full', 'look at everything again, not only at what has changed', false)
  .option('--wait', 'stay until it has come to an end, and show how far it is', false)
  .action(async (options: { email: string; full: boolean; wait: boolean }) => (await import('./commands/sync.ts')).sync(options))

const keys = program.command('keys').description('the master key')
keys
  .command('generate')
  .description('print a new master key for KITH_MASTER_KEY')
  .action(async () => (await import('./commands/keys.ts')).keysGenerate())
keys
  .command('rotate')
  .description('wrap every data key with the first key of KITH_MASTER_KEY, so that the older ones behind it can go')
  .action(async () => (await import('./commands/keys.ts')).keysRotate())
keys
  .command('rotate-signing')
  .description('sign receipts and certificates with a new key from now on; what was signed stays verifiable')
  .action(async () => (await import('./commands/keys.ts')).keysRotateSigning())

program
  .command('doctor')
  .description('check settings, databases, migrations, keys, Google, mail, jobs and disk, and say what to do')
  .action(async () => (await import('./commands/doctor.ts')).doctor())

const audit = program.command('audit').description('the log of events')
audit
  .command('verify')
  .description("find any change, deletion, reordering or truncation in accounts' events, and any older state that was put back")
  .option('--email <address>', 'of one account; every account when not given')
  .action(async (options: { email?: string }) => (await import('./commands/audit.ts')).auditVerify(options))
audit
  .command('checkpoint')
  .description('sign the ends of all chains as they stand now ("kith worker" does so every hour)')
  .action(async () => (await import('./commands/audit.ts')).auditCheckpoint())

const policy = program.command('policy').description('versions of the privacy policy')
policy
  .command('publish')
  .description('publish a version, for good; one that matters is mailed to every account, and holds 30 days after at the earliest')
  .requiredOption('--reason <text>', 'what has changed, and why')
  .option('--material', 'the change matters to people')
  .option('--effective <day>', 'from when on it holds: 2030-01-31, or an instant; as early as can be when not given')
  .option('--file <path>', 'a text of your own, with the parts marked that are printed from the program')
  .action(async (options: { reason: string; material?: boolean; effective?: string; file?: string }) =>
    (await import('./commands/policy.ts')).policyPublish(options),
  )
policy
  .command('list')
  .description('list the published versions')
  .action(async () => (await import('./commands/policy.ts')).policyList())
policy
  .command('print')
  .description('print what would be published now, or say what in a text contradicts the program')
  .option('--file <path>', 'a text of your own')
  .action(async (options: { file?: string }) => (await import('./commands/policy.ts')).policyPrint(options))
const archive = program.command('archive').description('archives of accounts')
archive
  .command('import')
  .description('bring an archive back into an empty account')
  .argument('<file>', 'the zip file')
  .requiredOption('--email <address>', 'of the account')
  .option('--dry-run', 'only check whether it could be done', false)
  .option('--signed', 'take only what this server has signed', false)
  .action(async (file: string, options: { email: string; dryRun: boolean; signed: boolean }) =>
    (await import('./commands/archive.ts')).archiveImport(file, options),
  )

const erasures = program.command('erasures').description('the ledger of what was erased for good')
erasures
  .command('replay')
  .description('erase again what a restored dump has brought back; the server is not ready before')
  .action(async () => (await import('./commands/erasures.ts')).erasuresReplay())

const certificate = program.command('certificate').description('certificates of erasures')
certificate
  .command('verify <file>')
  .description('say what a certificate says, and whether it is genuine')
  .option('--keys <file>', "the controller's /.well-known/jwks.json; this installation's own keys when not given")
  .action(async (file: string, options: { keys?: string }) => (await import('./commands/certificate.ts')).certificateVerify(file, options))

const directories = program.command('directories').description('the tables that tell whose something is')
directories
  .command('rebuild')
  .description('make the directories again from the tables that they are taken from')
  .action(async () => (await import('./commands/directories.ts')).directoriesRebuild())

const role = program.command('role').description('accounts that act for whoever runs the server')
for (const change of ['grant', 'revoke'] as const) {
  role
    .command(change)
    .description(change === 'grant' ? 'give an account a role' : 'take a role from an account')
    .requiredOption('--email <address>', 'of the account')
    .requiredOption('--role <role>', 'privacy-officer: answers privacy requests')
    .action(async (options: { email: string; role: string }) => (await import('./commands/role.ts')).roleSet(options, change))
}
role
  .command('list')
  .description('say who has which role')
  .action(async () => (await import('./commands/role.ts')).roleList())

function processCount(text: string): number {
  const count = Number(text)
  if (/^\d{1,2}$/.test(text) && count >= 1) return count
  throw new InvalidArgumentError('A whole number from 1 to 99 is wanted.')
}

/** Errors that say all there is to say; of any other the stack is shown. */
const plainErrors = [
  'ChildError',
  'ConfigError',
  'DatabaseError',
  'DistributionError',
  'MigrationError',
  'InvalidInputError',
  'NotFoundError',
  'ConflictError',
  'ForbiddenError',
]

let code = 0
try {
  await program.parseAsync()
  code = Number(process.exitCode ?? 0)
} catch (error) {
  code = 1
  if (error instanceof CommanderError) code = error.exitCode
  else if (error instanceof Error && plainErrors.includes(error.name)) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
}
process.exit(code)
