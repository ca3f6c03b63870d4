import { expect, test } from 'vitest'
import { newCloudProject } from '../../dev/google/gmail/quota.ts'
import { createWorld } from '../../dev/google/world.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { runSync } from '../../src/google/runSync.ts'
import { mailOwner, stateOf } from '../gmail/support.ts'
import { webApp } from '../support/web.ts'

const messages = 10_000

test(
  'ten thousand messages come in within the time that the quota of a new project allows and a tenth, and Google refuses nothing',
  { timeout: 600_000 },
  async () => {
    const clock = fixedClock('2026-03-02T12:00:00Z')
    const kith = await webApp({ clock, config: { googleQuota: 'new' }, simulator: { clock, world: createWorld({ seed: 'quota', clock }) } })
    const owner = await mailOwner(kith)
    for (let number = 0; number < messages; number += 1) owner.deliver({ from: `person${number % 700}@example.com`, threadId: `t${number}` })
    kith.google.settings.gmail.quota = newCloudProject
    kith.google.ledger.clear()
    const begun = clock.now()
    let turns = 0
    for (; ; turns += 1) {
      await runSync(owner.ctx, owner.stateId)
      const { status, errorCode, nextRunAt } = await stateOf(owner)
      expect(errorCode).toBeNull()
      if (status === 'IDLE') break
      // Nothing but the quota takes time: a turn that ends because it is over goes on at once.
      const next = nextRunAt!.toISOString()
      if (Temporal.Instant.compare(next, clock.now()) > 0) clock.set(next)
    }
    const minutes = begun.until(clock.now()).total('minutes')
    const { entries } = kith.google.ledger
    const units = entries.reduce((sum, each) => sum + each.units, 0)
    // What each message and each page of the list costs, and nothing else.
    const allowed = (20 * messages + 5 * Math.ceil(messages / 500)) / newCloudProject.unitsPerUserMinute
    console.log(
      `${messages} messages, ${units} units: ${minutes.toFixed(1)} minutes of simulated time in ${turns} turns, where the quota allows ${allowed.toFixed(1)}`,
    )
    expect(await owner.ctx.db.gmailMessage.count({ where: { ownerId: owner.ownerId, state: 'KNOWN' } })).toBe(messages)
    expect(entries.filter(({ status }) => status === 429 || status === 403)).toEqual([])
    expect(minutes).toBeLessThanOrEqual(allowed * 1.1)
    await kith.close()
  },
)
