import { giveConsent } from './oauth/consent.ts'

// node dev/google/agree.ts ADDRESS URL: goes through the consent page as the account's holder, ticks everything, and prints where the browser is sent.
const [account = '', url = ''] = process.argv.slice(2)
process.stdout.write(`${(await giveConsent(url, { account })).href}\n`)
