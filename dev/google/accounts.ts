import { systemClock } from '../../src/core/clock.ts'
import { demoWorld } from './demo/world.ts'

// Prints the demo accounts whose address is verified, as JSON, for programs that cannot import the simulator.
const accounts = demoWorld({ seed: 'kith', clock: systemClock }).accounts.filter((account) => account.emailVerified)
process.stdout.write(JSON.stringify(accounts.map(({ sub, email, name, locale, region }) => ({ subject: sub, email, name, locale, region }))))
