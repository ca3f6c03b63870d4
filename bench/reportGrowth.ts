import type { Growth } from './growth.ts'
import { recorded } from './record.ts'
import type { Soak } from './soak.ts'
import type { Size } from './world/size.ts'

/** How Kith does as data grows, if that was measured. */
export async function growthSection(): Promise<string> {
  const growth = await recorded<Growth>('growth')
  if (!growth) return ''
  const lines = growth.rows.map(
    ({ key, title, smallMs, largeMs, ratio }) =>
      `| ${key} | ${title} | ${smallMs.toFixed(2)} | ${largeMs.toFixed(2)} | ${ratio > 1.5 ? `**${ratio.toFixed(2)}**` : ratio.toFixed(2)} |`,
  )
  return `## Growth

The same operations at ${describe(growth.small)} and at ${describe(growth.large)}, one request at a time, by turns; p50 in ms. Wanted: no more than 1.5 times.

| | asked for | small | large | times |
|---|---|---:|---:|---:|
${lines.join('\n')}

Search in the account of ${growth.large.book.toLocaleString('en')} contacts: p50 ${growth.search.p50Ms.toFixed(1)} ms, p95 ${growth.search.p95Ms.toFixed(1)} ms of ${growth.search.searches} searches (wanted: p95 of 50 ms at most).

From its start until it is ready, against a migrated database: ${growth.coldStartMs.map((ms) => `${Math.round(ms).toLocaleString('en')} ms`).join(', ')} (wanted: 2 s at most).`
}

/** How Kith does over time, if that was measured. */
export async function soakSection(): Promise<string> {
  const soak = await recorded<Soak>('soak')
  if (!soak) return ''
  return `## Soak

${soak.minutes} minutes at half of what it can do (${Math.round(soak.perSecond).toLocaleString('en')} requests/s of ${soak.mix.join(', ')}): ${soak.answered.toLocaleString('en')} answers, none refused. Memory after the first ${soak.warmUpMinutes} minutes ${(soak.rssStartBytes / 1e6).toFixed(0)} MB, at the end ${(soak.rssEndBytes / 1e6).toFixed(0)} MB, a slope of ${(soak.rssSlopeBytesPerMinute / 1e6).toFixed(2)} MB a minute. Event-loop delay p99 ${soak.loopDelayP99Ms.toFixed(1)} ms (wanted: 30 ms at most). Connections to PostgreSQL: ${soak.connections.least} to ${soak.connections.most}, ${soak.connections.end} at the end.`
}

function describe({ accounts, contacts, others, book, readers }: Size): string {
  const all = readers * contacts + (accounts - readers) * others + book
  return `${accounts.toLocaleString('en')} accounts with ${all.toLocaleString('en')} contacts, one of them with ${book.toLocaleString('en')}`
}
