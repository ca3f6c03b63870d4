import { generateMasterKey } from '../masterKeyFile.ts'
import { outdatedDataKeys } from '../vault/fit.ts'
import { rewrapDataKeys } from '../vault/keys.ts'
import { open, readConfiguration } from './open.ts'

/** Prints a new random master key. */
export function keysGenerate(): void {
  process.stdout.write(`${generateMasterKey()}\n`)
}

/** Wraps every data key with the current master key, so that older ones can be taken out of the settings. Servers may run meanwhile. */
export async function keysRotate(): Promise<void> {
  const configuration = await readConfiguration()
  await using opened = await open({ simulator: false, configuration })
  const { app } = opened
  const count = await rewrapDataKeys(app.keys.pool, app.vault.master)
  const left = await outdatedDataKeys(app.keys.pool, configuration.secrets.masterKeys)
  process.stdout.write(`Wrapped ${count} data keys with the master key ${app.vault.master.id}.\n`)
  if (left > 0)
    process.stdout.write(`${left} more were made with an older one meanwhile: restart the servers with the new KITH_MASTER_KEY, then run this again.\n`)
  else if (configuration.secrets.masterKeys.length > 1)
    process.stdout.write('Once every server runs with the new KITH_MASTER_KEY, the keys behind the first can be taken out of it.\n')
}
