import type { Ctx } from '../core/ctx.ts'
import { decide } from './decide.ts'
import { heededOf } from './heeded.ts'
import { readLedger } from './ledger.ts'
import { noticeAt, noticeHash, type PurposeKey, purposeOf } from './purposes.ts'
import { refusedBy, type Signals, signalNames } from './signals.ts'
import { permits } from './states.ts'

/**
 * Lets the signals of a request hold for the account as well, and stay when they are no longer sent: a no for every purpose that they speak of, written once and
 * not with each request. Only a yes that was given with the signal known to whoever gave it stays against Global Privacy Control.
 */
export async function heedSignals(ctx: Ctx, signals: Signals): Promise<void> {
  const refused = refusedBy(signals)
  if (refused.length === 0 || ctx.actor.kind === 'anonymous') return
  const { ownerId } = ctx.actor
  await heededOf(ctx.app).of(`${ownerId} ${signalNames(signals).join()}`, async () => {
    const ledger = await readLedger(ctx)
    for (const purpose of refused) {
      // Whoever has said no already is left alone; the ledger is held only where something may be to write.
      const last = ledger.findLast((entry) => entry.purpose === purpose)
      if (last?.state !== 'REFUSED' && last?.state !== 'WITHDRAWN') await heed(ctx, purpose, signals)
    }
    return { ownerId }
  })
}

async function heed(ctx: Ctx, key: PurposeKey, signals: Signals): Promise<void> {
  const purpose = purposeOf(key)
  if (!purpose) return
  const speaks = signalNames({ gpc: signals.gpc, dnt: signals.dnt && refusedBy({ gpc: false, dnt: true }).includes(key) })
  await decide({ ...ctx, signals }, purpose, (tx, { state }, last) => {
    if (state === 'REFUSED' || state === 'WITHDRAWN') return null
    const told = last?.signals ?? []
    // The first of two steps towards a yes was taken with the signal known as well.
    if ((permits(state) || state === 'REQUESTED') && speaks.every((name) => name === 'GPC' && told.includes(name))) return null
    const notice = noticeAt(purpose, tx.clock.now())
    return {
      purpose: key,
      state: permits(state) ? 'WITHDRAWN' : 'REFUSED',
      source: speaks[0] ?? 'GPC',
      noticeVersion: notice.version,
      noticeHash: noticeHash(notice),
      language: null,
      method: 'signal',
      signals: speaks,
      validUntil: null,
    }
  })
}
