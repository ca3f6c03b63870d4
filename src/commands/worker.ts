import { aborted, stopSignal } from '../stopSignal.ts'
import { collectSooner, startWorker } from '../worker.ts'
import { open } from './open.ts'

/** Does background work only, beside any number of servers and other workers, until it is told to end. */
export async function work(): Promise<void> {
  collectSooner()
  const stop = stopSignal()
  await using opened = await open({ simulator: true })
  if (stop.aborted) return
  await Promise.all([opened.app.queue.start(), opened.app.notices.start()])
  const background = await startWorker(opened.app)
  process.stdout.write(`Working on jobs; data in ${opened.config.dataDir}. Ctrl-C stops.\n`)
  await aborted(stop)
  opened.app.state.stopping = true
  await background.stop()
}
