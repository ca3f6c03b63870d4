import { importArchive } from '../archive/service.ts'
import { demoClient } from '../config.ts'
import { systemCtx } from '../jobs/relay.ts'
import { open } from './open.ts'
import { ownerOfAddress } from './owners.ts'
import { progress } from './progress.ts'

const signatures = {
  OURS: 'It was signed by this server.',
  FOREIGN: 'It was signed with a key that is not of this server: compare it with the keys that its server publishes under /.well-known/jwks.json.',
  NONE: 'It is not signed: nothing tells who made it.',
} as const

/** Brings an archive back into an empty account, or with `dryRun` only checks that it could. @throws InvalidInputError, ConflictError, NotFoundError */
export async function archiveImport(file: string, options: { email: string; dryRun: boolean; signed: boolean }): Promise<void> {
  const shown = progress()
  await using opened = await open({ patient: true, simulator: false, shown })
  const { app, config } = opened
  await app.queue.start()
  const ownerId = await ownerOfAddress(app, options.email, { simulated: config.google === null || config.google.clientId === demoClient.clientId })
  shown.step('Checking the archive and bringing it in')
  const { models, signature, generatedAt } = await importArchive(systemCtx(app, ownerId, 'command line'), file, {
    dryRun: options.dryRun,
    requireSignature: options.signed,
  })
  await app.relay.drain(ownerId)
  shown.done()
  process.stdout.write(`An archive of ${generatedAt.slice(0, 10)}. ${signatures[signature]}\n`)
  for (const { model, restored, left, reason } of models) {
    const why = reason === null ? '' : ` (${left > 0 ? `${left} left out: ` : ''}${reason})`
    process.stdout.write(`${String(restored).padStart(9)}  ${model}${why}\n`)
  }
  if (options.dryRun) process.stdout.write('Nothing was changed.\n')
}
