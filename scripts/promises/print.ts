import type { DeclaredPromise, Standing } from './declared.ts'
import { type Judged, judge } from './judge.ts'
import type { Proof } from './proofs.ts'

const headings: [Standing, string][] = [
  ['kept', 'Kept, and proved'],
  ['pending', 'Being built'],
  ['later', 'Later'],
  ['nothing', 'Nothing to keep'],
]

/** docs/promises.md: every promise, what proves it, and where. */
export function printPromises(declared: readonly DeclaredPromise[], proofs: readonly Proof[]): string {
  const judged = judge(declared, proofs, null)
  const sections = headings.flatMap(([standing, heading]) => {
    const those = judged.filter(({ promise }) => promise.standing === standing)
    return those.length === 0 ? [] : [`## ${heading}\n\n${those.map(sectionOf).join('\n\n')}`]
  })
  return `${[
    '# Promises',
    'What two privacy policies promise, in our own words, and the tests that fail where it is not kept: F-… is the policy of followup.cc, S-… that of SalesFollowUp123.\nPrinted by `npm run generate` from `scripts/promises/declared.ts` and the tags in the titles of the tests; `npm run promises` runs those tests.',
    summaryOf(declared),
    ...sections,
  ].join('\n\n')}\n`
}

/** How many promises stand how, in a sentence. */
export function summaryOf(declared: readonly DeclaredPromise[]): string {
  const count = (standing: Standing) => declared.filter((each) => each.standing === standing).length
  return `Of ${declared.length} promises ${count('kept')} are kept, ${count('pending')} are being built, ${count('later')} come later, and ${count('nothing')} speak of what does not happen here.`
}

/** One line a promise, with how its tests went, and below it what proves it. */
export function listPromises(judged: readonly Judged[]): string {
  return judged
    .flatMap(({ promise, proofs, tests }) => [
      `${promise.id}  ${promise.standing.padEnd(7)}  ${wentOf(tests).padEnd(22)}  ${promise.promise}${promise.why ? ` (${promise.why})` : ''}`,
      ...byFile(proofs).map(([file, titles]) => `      ${file}: ${titles.join(' · ')}`),
    ])
    .join('\n')
}

function wentOf(tests: Judged['tests']): string {
  if (!tests) return ''
  const { passed, failed, skipped } = tests
  if (passed + failed + skipped === 0) return 'no test'
  return [`${passed} passed`, failed > 0 ? `${failed} FAILED` : '', skipped > 0 ? `${skipped} not run` : ''].filter(Boolean).join(', ')
}

function sectionOf({ promise, proofs }: Judged): string {
  const lines = byFile(proofs).flatMap(([file, titles]) => [`- [${file}](../${file})`, ...titles.map((title) => `  - ${escaped(title)}`)])
  const why = promise.why ? ` ${promise.standing === 'pending' ? `Comes with: ${promise.why}.` : promise.why}` : ''
  return `**${promise.id}** ${promise.promise}${why}${lines.length > 0 ? `\n\n${lines.join('\n')}` : ''}`
}

function byFile(proofs: readonly Proof[]): [string, string[]][] {
  const files = [...new Set(proofs.map(({ file }) => file))]
  return files.map((file) => [file, proofs.filter((proof) => proof.file === file).map(({ title }) => title.replaceAll(/\[[FS]-\d\d\] ?/g, '').trim())])
}

const escaped = (title: string): string => title.replaceAll(/%[sji]/g, '…').replaceAll(/[*_<>|[\]]/g, String.raw`\$&`)
