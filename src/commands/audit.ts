import { verifyLedgers } from '../consent/verify.ts'
import { verifyChains } from '../events/verify.ts'
import { verifyJournals } from '../privacy/verifyJournal.ts'
import { open } from './open.ts'
import { ownerOfAddress } from './owners.ts'
import { progress } from './progress.ts'

/** Checks the chain of events and the ledger of consents of one account or of all, names each entry at fault, and ends with 1 if there is one. */
export async function auditVerify({ email }: { email?: string }): Promise<void> {
  const shown = progress()
  await using opened = await open({ patient: true, simulator: false, shown })
  const { app } = opened
  const ownerId = email === undefined ? undefined : await ownerOfAddress(app, email, { simulated: false })
  shown.step('Checking events')
  shown.step('Checking privacy requests')
  const journals = await verifyJournals(app)
  const { owners, entries, faults: chainFaults } = await verifyChains(app, ownerId)
  shown.step('Checking consents')
  const ledgers = await verifyLedgers(app, ownerId)
  const faults = [...chainFaults, ...ledgers.faults.map((fault) => ({ ...fault, message: `Of the ledger of consents: ${fault.message}` }))]
  shown.done()
  for (const fault of journals.faults) process.stdout.write(`privacy request ${fault.requestId}  step ${fault.seq}  ${fault.message}\n`)
  for (const fault of faults) process.stdout.write(`${fault.ownerId}  entry ${fault.seq}  ${fault.message}\n`)
  process.stdout.write(
    `${owners} ${owners === 1 ? 'account' : 'accounts'}, ${entries} events, ${ledgers.entries} consents: ${faults.length === 0 ? 'all as they were written' : `${faults.length} at fault`}.\n`,
  )
  process.stdout.write(
    `${journals.requests} privacy ${journals.requests === 1 ? 'request' : 'requests'}, ${journals.entries} steps: ${journals.faults.length === 0 ? 'all as they were written' : `${journals.faults.length} at fault`}.\n`,
  )
  if (faults.length + journals.faults.length > 0) process.exitCode = 1
}
