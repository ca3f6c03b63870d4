// All of an account comes in from the simulator at once, then nothing new, then mail whose history Google has forgotten: node bench/sync.ts [--contacts 10000] [--messages 20000] [--events 5000]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { inTransaction } from '../src/events/service.ts'
import { createGoogleClient } from '../src/google/client.ts'
import type { Resource } from '../src/google/features.ts'
import { runSync } from '../src/google/runSync.ts'
import { markDirty } from '../src/google/schedule.ts'
import { connectWithTokens } from '../src/google/service.ts'
import { databaseMs, openBench, percentile } from './open.ts'
import { account, type ReadyWorld, scopes, type WorldSize } from './syncWorld.ts'

const { values } = parseArgs({
  options: { contacts: { type: 'string', default: '10000' }, messages: { type: 'string', default: '20000' }, events: { type: 'string', default: '5000' } },
})
const size: WorldSize = { contacts: Number(values.contacts), messages: Number(values.messages), events: Number(values.events) }
const child = fork(fileURLToPath(new URL('syncWorld.ts', import.meta.url)), [JSON.stringify(size)])
const [google] = (await once(child, 'message')) as [ReadyWorld]
const config = { google: { clientId: 'kith-demo.apps.googleusercontent.test', origin: google.origin } }
await using bench = await openBench({
  google: createGoogleClient(config as Parameters<typeof createGoogleClient>[0], { masterKeys: [], googleClientSecret: 'simulator-client-secret' }),
})
const { app, ctx, ownerId } = bench
const { accessToken, refreshToken } = google
await connectWithTokens(app, ownerId, { accessToken, refreshToken, scopes }, ['CONTACTS', 'GMAIL', 'CALENDAR'])
const states = await app.database.prisma.googleSyncState.findMany({ where: { ownerId } })
await app.relay.drain(ownerId)

await measured(`${size.contacts} contacts, ${size.messages} messages and ${size.events} events`, async () => {
  await Promise.all(states.map(({ id }) => toEnd(id)))
  await app.relay.drain(ownerId)
})
console.log(await known())
for (const { id, resource } of states) await nothingNew(id, resource as Resource)
await forgottenHistory()
child.disconnect()

/** Runs a resource, turn after turn as its worker would, until it rests. */
async function toEnd(stateId: string): Promise<void> {
  for (;;) {
    await runSync(ctx, stateId)
    const { status, resource, errorCode } = await app.database.prisma.googleSyncState.findFirstOrThrow({ where: { ownerId, id: stateId } })
    if (status === 'IDLE') return
    if (errorCode !== null) throw new Error(`${resource} failed: ${errorCode}`)
  }
}

/** What it costs: time, processors, memory. */
async function measured(what: string, work: () => Promise<void>): Promise<void> {
  const before = process.memoryUsage.rss()
  let most = before
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 20)
  const [begun, worked, served] = [performance.now(), process.cpuUsage(), await databaseMs(bench)]
  await work()
  clearInterval(watch)
  const { user, system } = process.cpuUsage(worked)
  const seconds = (ms: number): string => (ms / 1000).toFixed(2)
  console.log(
    `${what}: ${seconds(performance.now() - begun)} s (${seconds((user + system) / 1000)} s on a processor here, ${seconds((await databaseMs(bench)) - served)} s in the database), ${Math.round((most - before) / 1e6)} MB more resident than ${Math.round(before / 1e6)} MB`,
  )
}

/** Incremental runs that find nothing. */
async function nothingNew(stateId: string, resource: Resource): Promise<void> {
  const times: number[] = []
  const processor: number[] = []
  let requests = 0
  for (let round = 0; round < 20; round += 1) {
    await inTransaction(ctx, (tx) => markDirty(tx, resource))
    await admin('ledger', { method: 'DELETE' })
    const [begun, worked, served] = [performance.now(), process.cpuUsage(), await databaseMs(bench)]
    await runSync(ctx, stateId)
    times.push(performance.now() - begun)
    const { user, system } = process.cpuUsage(worked)
    processor.push((user + system) / 1000 + (await databaseMs(bench)) - served)
    requests = Math.max(requests, (await ledger()).length)
  }
  const at = (share: number): string => percentile(times, share).toFixed(1)
  console.log(
    `Nothing new in ${resource}: ${requests} request(s), ${at(0.5)} ms in the middle of 20 runs (${at(0.05)} to ${at(1)} ms; ${percentile(processor, 0.5).toFixed(1)} ms of it on processors, the database's among them)`,
  )
}

async function forgottenHistory(): Promise<void> {
  const gmail = states.find(({ resource }) => resource === 'gmail')
  if (!gmail) return
  await admin('operations', { method: 'POST', json: { operation: 'forgetMailHistory', arguments: [account] } })
  // So fresh a listing is not trusted to have been forgotten so soon.
  await app.database.prisma.googleSyncState.updateMany({
    where: { ownerId, id: gmail.id },
    data: { lastFullAt: ctx.clock.now().subtract({ hours: 48 }).toString() },
  })
  await inTransaction(ctx, (tx) => markDirty(tx, 'gmail'))
  await admin('ledger', { method: 'DELETE' })
  await measured('History forgotten, all compared', () => toEnd(gmail.id))
  const counts: Record<string, number> = {}
  for (const { operation } of await ledger()) counts[operation] = (counts[operation] ?? 0) + 1
  console.log(`Requests of it: ${JSON.stringify(counts)}`)
}

async function known(): Promise<string> {
  const { contact, gmailMessage, calendarMeeting, interaction } = app.database.prisma
  const where = { ownerId }
  const [contacts, messages, meetings, interactions] = [
    await contact.count({ where }),
    await gmailMessage.count({ where }),
    await calendarMeeting.count({ where }),
    await interaction.count({ where }),
  ]
  return `Known now: ${contacts} contacts, ${messages} messages, ${meetings} meetings, ${interactions} interactions`
}

async function ledger(): Promise<{ operation: string }[]> {
  return ((await admin(`ledger?account=${account}&limit=100000`)) as { entries: { operation: string }[] }).entries
}

/** The simulator's own side. */
async function admin(path: string, { method = 'GET', json }: { method?: string; json?: unknown } = {}): Promise<unknown> {
  const body = json === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }
  const answer = await fetch(`${google.origin}/admin/${path}`, { method, ...body })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.status === 204 ? null : answer.json()
}
