import { describe, expect, test } from 'vitest'
import { type DeclaredPromise, declaredPromises } from '../../scripts/promises/declared.ts'
import { faultsOf, judge, type Outcome } from '../../scripts/promises/judge.ts'
import { printPromises } from '../../scripts/promises/print.ts'
import { readProofs, titlesOf } from '../../scripts/promises/proofs.ts'

// An id in quotes would be taken for a claim of this file.
const S = (number: string): string => `S-${number}`
const claim: DeclaredPromise = { id: S('98'), promise: 'Cakes are shared.', standing: 'kept', why: '' }
const proof = { ids: [claim.id], title: `[${claim.id}] a cake is shared`, file: 'tests/cake.test.ts' }
const went = (status: string, title = proof.title): Outcome => ({ fullName: `cakes ${title}`, status })
const faults = (promises: DeclaredPromise[], proofs: (typeof proof)[], outcomes: Outcome[] | null = null) =>
  faultsOf(judge(promises, proofs, outcomes), { proofs, strays: [] })

describe('[S-01] a promise that is claimed', () => {
  test('stands while a test is tagged with it and passes', () => {
    expect(faults([claim], [proof])).toEqual([])
    expect(faults([claim], [proof], [went('passed')])).toEqual([])
  })

  test('falls without a tagged test', () => {
    expect(faults([claim], [])).toEqual([`${claim.id} is claimed, and no test is tagged [${claim.id}].`])
  })

  test.each<[string, Outcome[]]>([
    ['fails', [went('failed')]],
    ['fails beside one that passes', [went('passed'), went('failed')]],
    ['is skipped', [went('skipped')]],
    ['is skipped beside one that passes', [went('passed'), went('pending')]],
    ['is still to be written', [went('todo')]],
    ['did not run', []],
    ['is another’s', [went('passed', `[${S('97')}] a cake is shared`)]],
  ])('falls when its test %s', (_how, outcomes) => {
    expect(faults([claim], [proof], outcomes).join()).toContain(claim.id)
  })
})

test('what is not claimed needs no test, but one that fails is said', () => {
  for (const standing of ['pending', 'later', 'nothing'] as const) {
    expect(faults([{ ...claim, standing }], [])).toEqual([])
    expect(faults([{ ...claim, standing }], [proof], [went('failed')])).toHaveLength(1)
  }
})

test('a tag that names no promise, and an id that is no tag, are found', () => {
  expect(faults([], [proof]).join()).toContain(`there is no promise ${claim.id}`)
  const [stray] = titlesOf(`test('a cake is shared (${claim.id})', () => {\n`, 'tests/cake.test.ts')
  expect(stray).toMatchObject({ ids: [], title: `a cake is shared (${claim.id})` })
  expect(faultsOf([], { proofs: [], strays: [stray!] }).join()).toContain('write ids as')
})

test.each([
  `test('TITLE', async () => {`,
  `  describe("TITLE", () => {`,
  `  test.each(ways)('TITLE', async (_way) => {`,
  `test.each(Object.keys(all).filter((name) => name !== 'x'))('TITLE', (name) => {`,
  `  ] as const)('TITLE', (a) => {`,
  `test(\n  'TITLE',\n  { timeout: 1 },`,
])('titles are found however a test is written: %j', (written) => {
  expect(titlesOf(written.replace('TITLE', proof.title), proof.file)).toEqual([proof])
})

test('every promise of the policies is declared once, in their order', () => {
  const ids = (letter: string, last: number) => Array.from({ length: last }, (_, index) => `${letter}-${String(index + 1).padStart(2, '0')}`)
  expect(declaredPromises.map(({ id }) => id)).toEqual([...ids('F', 50), ...ids('S', 61)])
  for (const { standing, why, id } of declaredPromises) expect(why !== '', id).toBe(standing !== 'kept')
})

test('docs/promises.md names every promise, and every test that proves one', async () => {
  const { proofs } = await readProofs(new URL('../../', import.meta.url).pathname)
  const page = printPromises(declaredPromises, proofs)
  for (const { id } of declaredPromises) expect(page).toContain(`**${id}** `)
  for (const { file } of proofs) expect(page).toContain(`(../${file})`)
})
