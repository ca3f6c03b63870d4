import { pendingReplays, replayErasures } from '../erasure/service.ts'
import { open } from './open.ts'
import { progress } from './progress.ts'

/** Applies the ledger of erasures again to a database that was restored from a dump; until that is done /ready says no. */
export async function erasuresReplay(): Promise<void> {
  const shown = progress()
  await using opened = await open({ patient: true, simulator: false, shown })
  const { app } = opened
  const { length } = await pendingReplays(app)
  let at = 0
  const count = await replayErasures(app, () => shown.step(`Erasure ${(at += 1)} of ${length}`))
  shown.done()
  process.stdout.write(
    count === 0
      ? 'This database knows every erasure: nothing was to be done.\n'
      : `Applied ${count} ${count === 1 ? 'erasure' : 'erasures'} again; the server may serve now. Run "kith directories rebuild" next, as after every restore.\n`,
  )
}
