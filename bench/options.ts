import { parseArgs } from 'node:util'
import { operations } from './operations/all.ts'
import { type Operation, type ServerName, serverNames } from './operations/operation.ts'
import { fullSize, quickSize, type Size } from './world/size.ts'

/** What to measure, and how. */
export interface Plan {
  kind: 'full' | 'quick'
  size: Size
  keptIn: string | undefined
  operations: readonly Operation[]
  servers: readonly ServerName[]
  /** Each server is loaded once a round, in turn. */
  rounds: number
  durationMs: number
  connections: number
  /** Whether everything is measured, so that the result can be kept. */
  whole: boolean
  profiled: ServerName | undefined
}

/** Reads the command line. @throws Error for an operation or a server that there is not */
export function readPlan(args: readonly string[]): Plan {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string' },
      servers: { type: 'string' },
      'kept-in': { type: 'string' },
      accounts: { type: 'string' },
      contacts: { type: 'string' },
      others: { type: 'string' },
      book: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      connections: { type: 'string', default: '16' },
      profile: { type: 'string' },
    },
  })
  const preset = values.quick ? quickSize : fullSize
  const accounts = Number(values.accounts ?? preset.accounts)
  const contacts = Number(values.contacts ?? preset.contacts)
  const size: Size = {
    ...preset,
    accounts,
    contacts,
    others: Number(values.others ?? contacts),
    book: Number(values.book ?? preset.book),
    readers: Math.min(accounts, preset.readers),
  }
  const servers = chosen(serverNames, values.servers ?? values.profile, (name) => name)
  return {
    kind: values.quick ? 'quick' : 'full',
    size,
    keptIn: values['kept-in'],
    operations: chosen(operations, values.only, ({ key }) => key),
    servers,
    rounds: Number(values.rounds ?? (values.quick ? 2 : 7)),
    durationMs: Number(values.seconds ?? (values.quick ? 0.15 : 2)) * 1000,
    connections: Number(values.connections),
    whole: values.only === undefined && values.servers === undefined && values.profile === undefined,
    profiled: servers.find((name) => name === values.profile),
  }
}

function chosen<Thing>(things: readonly Thing[], list: string | undefined, nameOf: (thing: Thing) => string): readonly Thing[] {
  const wanted = list?.split(',')
  const unknown = wanted?.filter((name) => !things.some((thing) => nameOf(thing) === name)) ?? []
  if (unknown.length > 0) throw new Error(`There is no ${unknown.join(', ')}; there are ${things.map(nameOf).join(', ')}.`)
  return things.filter((thing) => wanted === undefined || wanted.includes(nameOf(thing)))
}
