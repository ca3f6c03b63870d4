import { verifyLedgers } from '../consent/verify.ts'
import { chains, ledgerFaults } from '../erasure/service.ts'
import { signCheckpoints, verifyCheckpoints } from '../events/checkpoints.ts'
import { verifyChains } from '../events/verify.ts'
import { verifyJournals } from '../privacy/verifyJournal.ts'
import { open } from './open.ts'
import { ownerOfAddress } from './owners.ts'
import { progress } from './progress.ts'

/** Checks the chain of events and the ledger of consents of one account or of all, names each entry at fault, and ends with 1 if there is one. Of all, the signed ends of every chain and the ledger of erasures are checked too. */
export async function auditVerify({ email }: { email?: string }): Promise<void> {
  const shown = progress()
  await using opened = await open({ patient: true, simulator: false, shown })
  const { app } = opened
  const ownerId = email === undefined ? undefined : await ownerOfAddress(app, email, { simulated: false })
  shown.step('Checking events')
  const { owners, entries, faults: chainFaults } = await verifyChains(app, ownerId)
  shown.step('Checking privacy requests')
  const journals = await verifyJournals(app)
  shown.step('Checking consents')
  const ledgers = await verifyLedgers(app, ownerId)
  shown.step('Checking signed ends')
  const checkpoints = ownerId === undefined ? await verifyCheckpoints(app, chains) : { checked: 0, faults: [] }
  const erasures = ownerId === undefined ? await ledgerFaults(app) : []
  shown.done()
  const faults = [...chainFaults, ...ledgers.faults.map((fault) => ({ ...fault, message: `Of the ledger of consents: ${fault.message}` }))]
  for (const fault of journals.faults) process.stdout.write(`privacy request ${fault.requestId}  step ${fault.seq}  ${fault.message}\n`)
  for (const fault of faults) process.stdout.write(`${fault.ownerId}  entry ${fault.seq}  ${fault.message}\n`)
  for (const fault of checkpoints.faults) process.stdout.write(`${fault.chain} ${fault.id}  entry ${fault.seq}  ${fault.message}\n`)
  for (const fault of erasures) process.stdout.write(`${fault.message}\n`)
  const verdict = (found: number): string => (found === 0 ? 'all as they were written' : `${found} at fault`)
  const found = faults.length + checkpoints.faults.length + erasures.length
  process.stdout.write(
    `${owners} ${owners === 1 ? 'account' : 'accounts'}, ${entries} events, ${ledgers.entries} consents, ${checkpoints.checked} signed ends: ${verdict(found)}.\n`,
  )
  process.stdout.write(
    `${journals.requests} privacy ${journals.requests === 1 ? 'request' : 'requests'}, ${journals.entries} steps: ${verdict(journals.faults.length)}.\n`,
  )
  if (found + journals.faults.length > 0) process.exitCode = 1
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
