import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ServerName, serverNames } from './operations/operation.ts'
import { barChart } from './plots.ts'
import type { Profile } from './profile.ts'
import { recorded, type Run } from './record.ts'
import { growthSection, soakSection } from './reportGrowth.ts'
import type { Measured, Row } from './results.ts'
import { databaseShare, medianTargets, type Target, targetsOf, titles } from './targets.ts'

const docs = join(import.meta.dirname, '../docs')

/** Writes docs/performance.md and its plots from what was kept of the last full run, and of those of growth, the soak and profiles. */
export async function writeReport(): Promise<void> {
  const run = await recorded<Run>('full')
  if (!run) return
  const profiles = (await recorded<Profile[]>('profiles')) ?? []
  await writeFile(join(docs, 'performance-throughput.svg'), plot(run, 'Requests a second', 'more is better; each operation by its fastest server', 'perSecond'))
  await writeFile(
    join(docs, 'performance-cpu.svg'),
    plot(run, "The server's processor time a request", 'µs, less is better; each operation by its most expensive server', 'serverUs'),
  )
  const sections = [
    introduction(run),
    operationsSection(run),
    figuresSection(run),
    targetsSection(run),
    missesSection(run, profiles),
    await growthSection(),
    await soakSection(),
  ]
  await writeFile(join(docs, 'performance.md'), `${sections.filter(Boolean).join('\n\n')}\n`)
}

function introduction({ command, commit, machine, size, rounds, seconds, connections }: Run): string {
  return `<!-- Written by bench/report.ts from bench/results; npm run bench writes it anew. -->

# Performance

Kith beside other servers on the same PostgreSQL, asked for the same things. \`${command}\` makes the data, starts the servers, checks that their answers agree (the same ids and values in the same order), loads them in turn from a process of its own, and writes this page.

- **Machine**: ${machine.processor}, ${machine.cores} cores, ${machine.memoryGb} GB, ${machine.system}; Node ${machine.node}, PostgreSQL ${machine.postgres}. Servers, PostgreSQL and the load share it.
- **Kith** at ${commit} as in production: an API token with all scopes on every request, cost counted and limited (the limit raised by configuration), log level info, background jobs left to another process, which does not run.
- **The others** take the owner from a header, know no tokens, scopes or cost, and read and write a *twin* of the data in which nothing is sealed. All have 10 connections and NODE_ENV=production. *PostGraphile 5* has its recommended preset with simplified names and the connection filter, the owner as a condition of the root fields (cheaper than row-level security), and SQL functions for what it lacks. *Apollo Server 5* fetches what is selected by Prisma's includes. *Mercurius 16* runs its JIT over hand-written SQL with loaders. The *floor* is bare node:http and one prepared statement an operation that builds the whole JSON.
- **Writes**: the peers and the floor call one SQL function that writes the same rows as Kith, counted to be the same; they are sent ready-made search terms and normalised values, which Kith makes itself.
- **Data**: ${size.accounts} accounts with ${size.contacts} contacts each and one with ${size.book.toLocaleString('en')}, always the same.
- **Load**: ${connections} connections (4 for k), ${rounds} rounds of ${seconds} s for each server in turn, owners and variables changing from request to request. Figures are medians of rounds; ratios are medians of the ratios within each round.

![Requests a second](performance-throughput.svg)

![Processor time a request](performance-cpu.svg)`
}

function operationsSection({ rows }: Run): string {
  const lines = rows.map((row) => `| ${row.key} | ${row.title} | ${row.depth} | ${percent(databaseShare(row))} |`)
  return `## Operations\n\n\`+\`: with what Kith opens from its seal. The last column says which part of the processor time of the floor's requests was PostgreSQL's.\n\n| | asked for | depth | floor in PostgreSQL |\n|---|---|---:|---:|\n${lines.join('\n')}`
}

function figuresSection({ rows }: Run): string {
  const lines = rows.flatMap((row) =>
    measuredOf(row).map(
      ([name, measured]) =>
        `| ${row.key} | ${titles[name]} | ${whole(measured.perSecond)} | ${measured.p50Ms.toFixed(1)} | ${measured.p99Ms.toFixed(1)} | ${whole(measured.serverUs)} | ${whole(measured.databaseUs)} | ${measured.statements} | ${whole(measured.bytes)} | ${whole(measured.rssBytes / 1e6)} |`,
    ),
  )
  return `## Figures\n\nServer CPU is of the server's process alone, PostgreSQL's of its processes together. Statements count BEGIN and COMMIT.\n\n| | server | requests/s | p50 ms | p99 ms | server CPU µs | PostgreSQL CPU µs | statements | bytes | memory MB |\n|---|---|---:|---:|---:|---:|---:|---:|---:|---:|\n${lines.join('\n')}`
}

function targetsSection({ rows }: Run): string {
  const header =
    '| | requests/s: PostGraphile | Apollo | Mercurius | floor | CPU: PostGraphile | floor | p99: PostGraphile | statements |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|'
  const lines = rows.map((row) => {
    const targets = targetsOf(row)
    const cell = (value: number | undefined, what: string): string => {
      const target = targets.find((each) => each.what === what)
      const text = value === undefined ? '' : Number.isInteger(value) ? String(value) : value.toFixed(2)
      return target && !target.met ? `**${text}** (${target.wanted})` : text
    }
    const { postgraphile, apollo, mercurius, floor } = row.ratios
    const cells = [
      row.key,
      cell(postgraphile?.perSecond, 'requests/s against PostGraphile'),
      cell(apollo?.perSecond, 'requests/s against Apollo Server'),
      cell(mercurius?.perSecond, ''),
      cell(floor?.perSecond, 'requests/s against the floor'),
      cell(postgraphile?.serverUs, 'server CPU against PostGraphile'),
      cell(floor?.serverUs, ''),
      cell(postgraphile?.p99Ms, 'p99 against PostGraphile'),
      cell(row.servers.kith?.statements, 'statements'),
    ]
    return `| ${cells.join(' | ')} |`
  })
  const together = medianTargets(rows).map(({ what, wanted, found, met }) => `- ${what}: ${found.toFixed(2)} (${wanted})${met ? '' : ' **missed**'}`)
  return `## Kith against each\n\nWhat misses its target is bold, with the target. Reads without sealed fields want 1.3 times PostGraphile's requests at 0.6 of its CPU and 0.7 of the floor's requests; d and e, whose work is PostgreSQL's, 1.0, 0.8 and 0.8; reads with sealed fields 1.0 and 1.2; writes 1.0, 1.0 and 0.5. The p99 is to be no worse than PostGraphile's, and b and c three times as fast as Apollo Server.\n\n${header}\n${lines.join('\n')}\n\n${together.join('\n')}`
}

function missesSection({ rows }: Run, profiles: readonly Profile[]): string {
  const missed = rows.map((row) => ({ row, misses: targetsOf(row).filter(({ met }) => !met) })).filter(({ misses }) => misses.length > 0)
  if (missed.length === 0) return '## Misses\n\nNone.'
  const parts = missed.map(
    ({ row, misses }) =>
      `### ${row.key}: ${row.title}\n\n${misses.map(missText).join('; ')}.\n\n${profileText(profiles.find(({ key, server }) => key === row.key && server === 'kith'))}`,
  )
  return `## Misses\n\nWith where Kith's processor time goes (\`npm run bench -- --profile kith --only KEY\`).\n\n${parts.join('\n\n')}`
}

function missText({ what, wanted, found }: Target): string {
  return `${what} ${Number.isInteger(found) ? found : found.toFixed(2)}, wanted ${wanted}`
}

function profileText(profile: Profile | undefined): string {
  if (!profile) return 'No profile was taken.'
  const parts = profile.parts.slice(0, 8).map(({ part, share }) => `${part} ${percent(share)}`)
  const functions = profile.functions.slice(0, 8).map(({ name, place, share }) => `| ${percent(share)} | \`${name}\` | ${place} |`)
  return `${parts.join(', ')}.\n\n| | function | |\n|---:|---|---|\n${functions.join('\n')}`
}

function plot({ rows }: Run, title: string, unit: string, figure: 'perSecond' | 'serverUs'): string {
  return barChart({
    title,
    unit,
    series: serverNames.map((name) => titles[name]),
    groups: rows.map((row) => ({
      name: row.key,
      bars: measuredOf(row).map(([name, measured]) => ({ series: serverNames.indexOf(name), value: measured[figure] })),
    })),
  })
}

function measuredOf({ servers }: Row): [ServerName, Measured][] {
  return serverNames.flatMap((name): [ServerName, Measured][] => {
    const measured = servers[name]
    return measured ? [[name, measured]] : []
  })
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en')
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${(share * 100).toFixed(0)} %`
}
