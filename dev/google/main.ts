import { parseArgs } from 'node:util'
import { movableClock } from './admin/clock.ts'
import { startGoogleSimulator } from './simulator.ts'

const usage = `Usage: node dev/google/main.ts [options]

A Google for development and tests: sign-in, contacts, photos and calendars of made-up accounts, on 127.0.0.1 only, all in memory.
Prints where it listens, on one line.

  --port NUMBER           where to listen; a free port by default
  --seed TEXT             what ids and the demo people are derived from (kith)
  --auto-approve ADDRESS  this account agrees to everything without a page
  --movable-clock         POST /admin/clock may move the clock
  --now INSTANT           start the (then movable) clock here instead of now
  --deliver-every SECONDS send notifications of calendars this often (2); 0 for only when told to
  --with-parent           stop when standard input closes, so that it does not outlive what started it
  --help                  this text
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string' },
    'auto-approve': { type: 'string' },
    'movable-clock': { type: 'boolean', default: false },
    now: { type: 'string' },
    'deliver-every': { type: 'string', default: '2' },
    'with-parent': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) process.stdout.write(usage)
else {
  const autoApprove = values['auto-approve']
  const deliverEveryMs = Number(values['deliver-every']) * 1000
  const simulator = await startGoogleSimulator({
    port: Number(values.port),
    ...((values['movable-clock'] || values.now !== undefined) && { clock: movableClock(values.now) }),
    ...(deliverEveryMs > 0 && { deliverEveryMs }),
    ...(values.seed && { seed: values.seed }),
    ...(autoApprove && { autoApprove }),
  })
  process.stdout.write(`${simulator.origin}\n`)
  const stop = () => void simulator.close().then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  if (values['with-parent']) process.stdin.on('end', stop).resume()
}
