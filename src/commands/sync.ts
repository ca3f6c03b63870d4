import { setTimeout as wait } from 'node:timers/promises'
import { demoClient } from '../config.ts'
import { NotFoundError } from '../core/errors.ts'
import type { Feature } from '../google/features.ts'
import { type FeatureState, readFeatures, requestSync, syncNow } from '../google/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { open } from './open.ts'
import { ownerOfAddress } from './owners.ts'
import { progress } from './progress.ts'

/** How often progress is looked at, milliseconds. */
const everyMs = 500

/** Begins the next run of an account's connected features; with `wait` stays until they have come to an end and says how they ended. Ends with 1 when one of them did not end well. @throws NotFoundError */
export async function sync(options: { email: string; full: boolean; wait: boolean }): Promise<void> {
  await using opened = await open({ simulator: false })
  const { app, config } = opened
  await app.queue.start()
  const ownerId = await ownerOfAddress(app, options.email, { simulated: config.google === null || config.google.clientId === demoClient.clientId })
  const ctx = systemCtx(app, ownerId, 'command line')
  const connected = (await readFeatures(ctx)).filter(({ status }) => status !== 'OFF')
  if (connected.length === 0) throw new NotFoundError(`Nothing of Google is connected to ${options.email}: sign in and call googleConnect.`)
  for (const { feature } of connected) await requestSync(ctx, feature, options.full)
  if (!options.wait) {
    process.stdout.write('The next runs are due now; a worker takes them up.\n')
    return
  }
  const shown = progress()
  const features = new Set<Feature>(connected.map(({ feature }) => feature))
  let states: FeatureState[]
  do {
    // What no worker has taken up is done here; a run that another process holds is waited for.
    await syncNow(app, ownerId)
    await app.relay.drain(ownerId)
    states = (await readFeatures(ctx)).filter(({ feature }) => features.has(feature))
    shown.step(states.map(lineOf).join(', '))
    if (states.some(isUnderWay)) await wait(everyMs)
  } while (states.some(isUnderWay))
  shown.done()
  for (const state of states) process.stdout.write(`${lineOf(state)}${state.errorMessage ? `. ${state.errorMessage}` : ''}\n`)
  if (states.some(({ errorCode }) => errorCode !== null)) process.exitCode = 1
}

/** Whether a run goes on by itself without anything having gone wrong. */
function isUnderWay({ status, errorCode }: FeatureState): boolean {
  return status === 'SYNCING' || (status === 'PENDING' && errorCode === null)
}

function lineOf({ feature, status, phase, processed, total }: FeatureState): string {
  const far = total === null ? `${processed}` : `${processed} of ${total}`
  return `${feature.toLowerCase()}: ${status.toLowerCase().replaceAll('_', ' ')}${phase ? ` (${phase})` : ''}, ${far}`
}
