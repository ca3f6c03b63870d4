import { type InputIssue, InvalidInputError } from '../core/errors.ts'
import { type BlockName, blockNames, printBlock } from './blocks.ts'
import type { PolicyFacts } from './facts.ts'

const block = (name: string): RegExp => new RegExp(`(<!-- facts:${name} -->\\n)([^]*?)(<!-- end -->)`)

/**
 * Fills the parts of a policy that are printed from the facts. A part that is filled already must say what the facts say, every part must be there, and the
 * text around them may promise no period that nothing in the program keeps, and nothing that is not so. @throws InvalidInputError naming every contradiction
 */
export function composePolicy(text: string, facts: PolicyFacts): string {
  const issues: InputIssue[] = []
  let filled = text.replaceAll('\r\n', '\n')
  for (const name of blockNames) {
    const [whole, open = '', said = '', close = ''] = block(name).exec(filled) ?? []
    if (whole === undefined) {
      issues.push(issue(`the part “${name}” is missing: <!-- facts:${name} --> and <!-- end --> mark it`))
      continue
    }
    const printed = printBlock(name, facts)
    if (said.trim() !== '' && said.trim() !== printed) issues.push(contradiction(name, said.trim(), printed))
    filled = filled.replace(whole, () => `${open}${printed}\n${close}`)
  }
  issues.push(...strayPromises(filled, facts))
  if (issues.length > 0) throw new InvalidInputError(issues)
  return filled
}

/** Names the first line that says something else than the facts. */
function contradiction(name: BlockName, said: string, printed: string): InputIssue {
  const [theirs, ours] = [said.split('\n'), printed.split('\n')]
  const at = theirs.findIndex((line, index) => line !== ours[index])
  const line = at === -1 ? ours[theirs.length] : theirs[at]
  return issue(
    `the part “${name}” contradicts what the program does, at “${line ?? ''}”${at === -1 || ours[at] === undefined ? '' : `; it does “${ours[at]}”`}`,
  )
}

// What a server that opens your texts to show them cannot promise.
const untrue: readonly [RegExp, string][] = [[/end[- ]to[- ]end/i, 'a server that opens what it stores is not end-to-end encrypted']]
const period = /\b(\d+) (minute|day|week|month|year)s?\b/g

function strayPromises(filled: string, facts: PolicyFacts): InputIssue[] {
  const around = blockNames.reduce((text, name) => text.replace(block(name), ''), filled)
  const kept = new Set(blockNames.flatMap((name) => periodsIn(printBlock(name, facts))))
  const loose = periodsIn(around).filter((each) => !kept.has(each) && !promised.has(each))
  return [
    ...[...new Set(loose)].map((each) => issue(`the text says “${each}”, which nothing in the program keeps`)),
    ...untrue.filter(([pattern]) => pattern.test(around)).map(([, why]) => issue(`the text says something that is not so: ${why}`)),
  ]
}

/** Periods that the program keeps elsewhere: notice of a change, and how long nobody is asked again. */
const promised = new Set(['30 days', '12 months'])

function periodsIn(text: string): string[] {
  return [...text.matchAll(period)].map(([, count = '', unit = '']) => `${count} ${unit}${count === '1' ? '' : 's'}`)
}

function issue(message: string): InputIssue {
  return { path: ['text'], message }
}
