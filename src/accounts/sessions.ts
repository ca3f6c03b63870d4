import { createHash, randomBytes } from 'node:crypto'
import type { App } from '../app.ts'
import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { Session } from '../db/generated/prisma/client.ts'
import { dropCredential, findCredential, holdOpen, putCredential } from '../directory/credentials.ts'
import { type Verdict, verdictOn } from '../directory/verdicts.ts'
import { announce, inTransaction, record, setOff } from '../events/service.ts'

/** How long a session lasts without being used. */
const idle = { hours: 14 * 24 }
/** How long a session lasts at most, used or not. */
const absolute = { hours: 90 * 24 }
/** How often its last use is written down, at most. */
const seenEvery = { minutes: 5 }

/** A session's secret as the cookie carries it: 256 random bits. */
export interface NewSession {
  ownerId: string
  sessionId: string
  secret: string
  /** When the cookie need not be kept any more. */
  expiresAt: Temporal.Instant
}

/** Opens a session in place of the one that the browser had, if any. The secret leaves this function once; only its hash is kept. */
export async function startSession(
  app: App,
  ownerId: string,
  { userAgent, replaces }: { userAgent: string | null; replaces?: string | undefined },
): Promise<NewSession> {
  const secret = randomBytes(32).toString('base64url')
  const now = app.clock.now()
  const id = newId(app.clock)
  const ctx: Ctx = {
    app,
    db: app.database.prisma,
    clock: app.clock,
    actor: { kind: 'user', ownerId, sessionId: id },
    requestId: newId(app.clock),
  }
  await inTransaction(ctx, async (tx) => {
    await holdOpen(tx, ownerId)
    await tx.db.session.create({
      data: {
        ownerId,
        id,
        tokenHash: hashOf(secret),
        userAgent: userAgent?.slice(0, 400) ?? null,
        createdAt: toDate(now),
        lastSeenAt: toDate(now),
        expiresAt: toDate(now.add(idle)),
      },
    })
    const account = await tx.db.account.update({
      where: { ownerId },
      data: { signInCount: { increment: 1 }, lastSignInAt: toDate(now) },
    })
    record(
      tx,
      { type: 'session.created', entityType: 'Session', entityId: id },
      {
        type: 'account.signedIn',
        entityType: 'Account',
        entityId: account.id,
        changed: ['signInCount', 'lastSignInAt'],
      },
    )
    // Commits with the row, so that the session is good as soon as the browser has it; the relay sees to it that the two go on agreeing.
    await putCredential(tx, { kind: 'session', ownerId, entityId: id }, hashOf(secret))
    setOff(tx, { kind: 'session.credential', payload: { sessionId: id } })
  })
  if (replaces) await endSession(app, replaces)
  return { ownerId, sessionId: id, secret, expiresAt: now.add(absolute) }
}

/** Whom a session's secret lets in, if it is live. Its last use is written down once in five minutes at most; that is no event. */
export function sessionVerdict(app: App, secret: string): Promise<Verdict | null> {
  const hash = hashOf(secret)
  return verdictOn(app, `session ${hash.toString('base64')}`, async () => {
    const found = await findCredential(app, [hash])
    if (found?.kind !== 'session') return null
    const { ownerId, entityId } = found
    const ctx = { app, db: app.database.prisma }
    const [session] = await rows<Session>(ctx, sql`SELECT * FROM sessions WHERE "ownerId" = ${ownerId}::uuid AND id = ${entityId}::uuid`)
    const now = app.clock.now()
    if (!session || hash.compare(session.tokenHash) !== 0 || Temporal.Instant.compare(toInstant(session.expiresAt), now) <= 0) return null
    let expiresAt = toInstant(session.expiresAt)
    if (Temporal.Instant.compare(toInstant(session.lastSeenAt).add(seenEvery), now) <= 0) {
      expiresAt = earlier(now.add(idle), toInstant(session.createdAt).add(absolute))
      await execute(
        ctx,
        sql`UPDATE sessions SET "lastSeenAt" = ${toDate(now)}::timestamptz, "expiresAt" = ${toDate(expiresAt)}::timestamptz
            WHERE "ownerId" = ${ownerId}::uuid AND id = ${entityId}::uuid AND "lastSeenAt" <= ${toDate(now.subtract(seenEvery))}::timestamptz`,
      )
    }
    return { actor: { kind: 'user', ownerId, sessionId: entityId }, entityId, expiresAt }
  })
}

/** The actor's live sessions, the latest used first. */
export function listSessions(ctx: Ctx): Promise<Session[]> {
  return rows<Session>(
    ctx,
    sql`SELECT * FROM sessions WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "expiresAt" > ${toDate(ctx.clock.now())}::timestamptz ORDER BY "lastSeenAt" DESC, id DESC`,
  )
}

/** Ends one of the actor's sessions, at once in this process and within a second in others. @throws NotFoundError */
export async function revokeSession(ctx: Ctx, id: string): Promise<Session> {
  const [session] = await revoke(ctx, (each) => each.id === id)
  if (!session) throw new NotFoundError()
  return session
}

/** Ends the actor's sessions; `exceptId` is spared. Answers those that were ended. */
export function revokeSessions(ctx: Ctx, exceptId?: string): Promise<Session[]> {
  return revoke(ctx, (each) => each.id !== exceptId)
}

/** Ends the session of a secret, if it is live: a sign-out. */
export async function endSession(app: App, secret: string): Promise<void> {
  const verdict = await sessionVerdict(app, secret)
  if (!verdict) return
  const ctx: Ctx = {
    app,
    db: app.database.prisma,
    clock: app.clock,
    actor: verdict.actor,
    requestId: newId(app.clock),
  }
  await revoke(ctx, (each) => each.id === verdict.entityId)
}

/** Makes the directory agree with a session's row: the handler of `session.credential`. */
export async function syncSessionCredential(ctx: Ctx, { sessionId = '' }: Record<string, string>): Promise<void> {
  const ownerId = ownerOf(ctx)
  const [session] = await rows<{ tokenHash: Uint8Array }>(
    ctx,
    sql`SELECT "tokenHash" FROM sessions WHERE "ownerId" = ${ownerId}::uuid AND id = ${sessionId}::uuid`,
  )
  if (session) await putCredential(ctx, { kind: 'session', ownerId, entityId: sessionId }, session.tokenHash)
  else await dropCredential(ctx, ownerId, sessionId)
}

function revoke(ctx: Ctx, which: (session: Session) => boolean): Promise<Session[]> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const sessions = (await listSessions(tx)).filter(which)
    if (sessions.length === 0) return []
    const ids = sessions.map((session) => session.id)
    await execute(tx, sql`DELETE FROM sessions WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${ids}::uuid[])`)
    record(tx, ...ids.map((entityId) => ({ type: 'session.revoked', entityType: 'Session', entityId }) as const))
    setOff(tx, ...ids.map((sessionId) => ({ kind: 'session.credential', payload: { sessionId } })))
    announce(tx, ...ids)
    return sessions
  })
}

function hashOf(secret: string): Buffer<ArrayBuffer> {
  return createHash('sha256').update(secret).digest()
}

function earlier(one: Temporal.Instant, other: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(one, other) < 0 ? one : other
}
