import { chains, ledgerFaults } from '../erasure/service.ts'
import { signCheckpoints, verifyCheckpoints } from '../events/checkpoints.ts'
import { verifyChains } from '../events/verify.ts'
import { open } from './open.ts'
import { ownerOfAddress } from './owners.ts'
import { progress } from './progress.ts'

/** Checks the chain of events of one account or of all, names each entry at fault, and ends with 1 if there is one. Of all, the signed ends of every chain and the ledger of erasures are checked too. */
export async function auditVerify({ email }: { email?: string }): Promise<void> {
  const shown = progress()
  await using opened = await open({ patient: true, simulator: false, shown })
  const { app } = opened
  const ownerId = email === undefined ? undefined : await ownerOfAddress(app, email, { simulated: false })
  shown.step('Checking events')
  const { owners, entries, faults } = await verifyChains(app, ownerId)
  shown.step('Checking signed ends')
  const checkpoints = ownerId === undefined ? await verifyCheckpoints(app, chains) : { checked: 0, faults: [] }
  const ledger = ownerId === undefined ? await ledgerFaults(app) : []
  shown.done()
  for (const fault of faults) process.stdout.write(`${fault.ownerId}  entry ${fault.seq}  ${fault.message}\n`)
  for (const fault of checkpoints.faults) process.stdout.write(`${fault.chain} ${fault.id}  entry ${fault.seq}  ${fault.message}\n`)
  for (const fault of ledger) process.stdout.write(`${fault.message}\n`)
  const found = faults.length + checkpoints.faults.length + ledger.length
  process.stdout.write(
    `${owners} ${owners === 1 ? 'account' : 'accounts'}, ${entries} events, ${checkpoints.checked} signed ends: ${found === 0 ? 'all as they were written' : `${found} at fault`}.\n`,
  )
  if (found > 0) process.exitCode = 1
}

/** Signs the ends of all chains as they stand now; the worker does so every hour. */
export async function auditCheckpoint(): Promise<void> {
  await using opened = await open({ patient: true, simulator: false })
  const { signed, strange } = await signCheckpoints(opened.app, chains)
  process.stdout.write(
    `Signed the ends of ${signed} chains.${strange > 0 ? ` ${strange} do not continue what was signed before: run "kith audit verify".` : ''}\n`,
  )
  if (strange > 0) process.exitCode = 1
}
