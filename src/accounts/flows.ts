import { createHash } from 'node:crypto'
import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { execute, sql } from '../db/client.ts'

/** How long a sign-in may take, from leaving for Google to coming back, seconds. */
export const flowSeconds = 600

/** Writes down that a flow is under way; only the hash of its state is kept. */
export async function openFlow(app: App, state: string): Promise<void> {
  const expiresAt = toDate(app.clock.now().add({ seconds: flowSeconds }))
  await execute(contextOf(app), sql`INSERT INTO auth_flows ("stateHash", "expiresAt") VALUES (${hashOf(state)}::bytea, ${expiresAt}::timestamptz)`)
}

/** Takes a flow that is under way; of several who ask, one gets it, once. */
export async function takeFlow(app: App, state: string): Promise<boolean> {
  const taken = await execute(
    contextOf(app),
    sql`DELETE FROM auth_flows WHERE "stateHash" = ${hashOf(state)}::bytea AND "expiresAt" > ${toDate(app.clock.now())}::timestamptz`,
  )
  return taken === 1
}

/** Removes flows that nobody came back from; answers how many. */
export function purgeFlows(app: App): Promise<number> {
  return execute(contextOf(app), sql`DELETE FROM auth_flows WHERE "expiresAt" <= ${toDate(app.clock.now())}::timestamptz`)
}

function contextOf(app: App) {
  return { app, db: app.database.prisma }
}

function hashOf(state: string): Buffer<ArrayBuffer> {
  return createHash('sha256').update(state).digest()
}
