// Kith side by side with other servers on the same PostgreSQL:
// npm run bench -- [--quick] [--only b,c] [--servers kith,floor] [--rounds 7] [--seconds 2] [--connections 16] [--profile kith] [--kept-in DIRECTORY] [--accounts 200] [--contacts 500] [--book 10000]
// A whole run is kept in bench/results and told in docs/performance.md.
import { readPlan } from './options.ts'
import { profileOf, printProfile } from './profile.ts'
import { keepProfiles, keepRun } from './record.ts'
import { writeReport } from './report.ts'
import { type Row, table } from './results.ts'
import { measure, openRig } from './run.ts'
import { openWorld } from './world/world.ts'

const plan = readPlan(process.argv.slice(2))
const begun = performance.now()
const say = (what: string): void => console.error(`${((performance.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${what}`)

await using world = await openWorld(plan.size, plan.keptIn, (what) => say(`data: ${what}`))
await using rig = await openRig(world, plan.servers, say)
if (plan.profiled) {
  for (const operation of plan.operations) {
    const profile = await profileOf(rig, plan.profiled, operation, plan)
    printProfile(profile)
    await keepProfiles(plan.kind, [profile])
  }
} else {
  const rows: Row[] = []
  for (const operation of plan.operations) {
    rows.push(await measure(rig, operation, plan))
    say(`${operation.key}: ${operation.title}`)
  }
  console.log(table(rows))
  if (plan.whole) await keepRun(plan, rig, rows)
}
await writeReport()
