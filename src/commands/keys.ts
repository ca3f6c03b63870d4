import type { App } from '../app.ts'
import { renewHeads } from '../events/renew.ts'
import { generateMasterKey } from '../masterKeyFile.ts'
import { countOlderTokens } from '../tokens/renew.ts'
import { outdatedDataKeys } from '../vault/fit.ts'
import { rewrapDataKeys } from '../vault/keys.ts'
import { rewrapSigningKeys } from '../vault/signing.ts'
import { open, readConfiguration } from './open.ts'

/** Prints a new random master key. */
export function keysGenerate(): void {
  process.stdout.write(`${generateMasterKey()}\n`)
}

/** Moves everything to the current master key that can be moved without its owner, so that older ones can be taken out of the settings. Servers may run meanwhile. */
export async function keysRotate(): Promise<void> {
  const configuration = await readConfiguration()
  await using opened = await open({ patient: true, simulator: false, configuration })
  for (const line of await rotate(opened.app)) process.stdout.write(`${line}\n`)
}

/** Retires the key that receipts and certificates are signed with, and makes another; what was signed stays verifiable. */
export async function keysRotateSigning(): Promise<void> {
  await using opened = await open({ simulator: false })
  const id = await opened.app.signing.rotate()
  process.stdout.write(`Signs with the key ${id} from now on. ${opened.app.config.publicUrl}/.well-known/jwks.json has it, and the earlier ones.
`)
}

/** Wraps data keys and authenticates the ends of chains with the current master key; answers what to tell, what is left to do included. */
export async function rotate(app: App): Promise<string[]> {
  const { masterKeys } = app.secrets
  const wrapped = await rewrapDataKeys(app.keys.pool, app.vault.master)
  await rewrapSigningKeys(app.keys.pool, app.vault.master)
  const { renewed, strange } = await renewHeads(app)
  const left = await outdatedDataKeys(app.keys.pool, masterKeys)
  const tokens = await countOlderTokens(app)
  const lines = [`Wrapped ${wrapped} data keys and authenticated ${renewed} logs of events with the master key ${app.vault.master.id}.`]
  if (strange > 0)
    lines.push(`The ends of ${strange} logs of events are not authentic under any of the keys and were left as they are: run "kith audit verify".`)
  if (left > 0)
    lines.push(`${left} more data keys were made with an older one meanwhile: restart the servers with the new KITH_MASTER_KEY, then run this again.`)
  if (tokens > 0)
    lines.push(
      `${tokens} API token${tokens > 1 ? 's are' : ' is'} still on an older key. Each moves when it is next used; those that have not moved when that key is taken out are refused from then on.`,
    )
  if (left === 0 && masterKeys.length > 1)
    lines.push('Once every server runs with the new KITH_MASTER_KEY and this was run after that, the keys behind the first can be taken out of it.')
  return lines
}
