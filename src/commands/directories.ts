import { rebuildPersons } from '../directory/persons.ts'
import { rebuildUnsubscribes } from '../deliveries/unsubscribe.ts'
import { rebuildDirectories } from '../directory/rebuild.ts'
import { rebuildDues } from '../jobs/rebuild.ts'
import { open } from './open.ts'
import { progress } from './progress.ts'

/** Makes the directories again: who a Google subject, a session or a token belongs to, and what falls due when. */
export async function directoriesRebuild(): Promise<void> {
  const shown = progress()
  await using opened = await open({ patient: true, simulator: false, shown })
  const { app } = opened
  const { dueSources } = await import('../domains.ts')
  await app.queue.start()
  shown.step('Subjects, sessions and tokens')
  await rebuildDirectories(app)
  await rebuildPersons(app, (seen) => shown.step(`People in address books: ${seen} contacts`))
  shown.step('Links that end mails')
  await rebuildUnsubscribes(app)
  const count = await rebuildDues(app, dueSources, (seen) => shown.step(`What falls due: ${seen} rows`))
  shown.done()
  process.stdout.write(`Rebuilt the directories; ${count} rows were looked at for what falls due.\n`)
}
