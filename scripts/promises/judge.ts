import type { DeclaredPromise } from './declared.ts'
import { idsOf, type Proof } from './proofs.ts'

/** How one test went, as vitest's JSON reporter says it. */
export interface Outcome {
  fullName: string
  status: string
}

/** A promise, what is to prove it, and how that went: `null` while nothing was run. */
export interface Judged {
  promise: DeclaredPromise
  proofs: Proof[]
  tests: { passed: number; failed: number; skipped: number } | null
}

/** Each declared promise with its proofs and, where tests were run, their outcomes. */
export function judge(declared: readonly DeclaredPromise[], proofs: readonly Proof[], outcomes: readonly Outcome[] | null): Judged[] {
  return declared.map((promise) => {
    const own = outcomes?.filter(({ fullName }) => idsOf(fullName).includes(promise.id))
    const count = (...statuses: string[]) => own?.filter(({ status }) => statuses.includes(status)).length ?? 0
    const [passed, failed] = [count('passed'), count('failed')]
    return {
      promise,
      proofs: proofs.filter(({ ids }) => ids.includes(promise.id)),
      tests: own ? { passed, failed, skipped: own.length - passed - failed } : null,
    }
  })
}

/** What is wrong, in sentences: a claim without a proof, a proof that failed or did not run, a tag that means nothing. */
export function faultsOf(judged: readonly Judged[], { proofs, strays }: { proofs: readonly Proof[]; strays: readonly Proof[] }): string[] {
  const known = new Set(judged.map(({ promise }) => promise.id))
  const unknown = proofs.flatMap(({ ids, title, file }) =>
    ids.filter((id) => !known.has(id)).map((id) => `${file}: there is no promise ${id} for “${title}” to prove.`),
  )
  const untagged = strays.map(({ title, file }) => `${file}: write ids as [S-14], or they count for nothing: “${title}”.`)
  return [...judged.flatMap((each) => (each.promise.standing === 'kept' ? shortOf(each) : brokenOf(each))), ...unknown, ...untagged]
}

function shortOf(each: Judged): string[] {
  const { id } = each.promise
  if (each.proofs.length === 0) return [`${id} is claimed, and no test is tagged [${id}].`]
  if (!each.tests) return []
  const none = each.tests.passed === 0 ? [`${id} is claimed, and no test of it has passed.`] : []
  const skipped = each.tests.skipped > 0 ? [`${id} is claimed, and ${each.tests.skipped} of its tests did not run.`] : []
  return [...none, ...brokenOf(each), ...skipped]
}

function brokenOf({ promise, tests }: Judged): string[] {
  return tests && tests.failed > 0 ? [`${promise.id}: ${tests.failed} of its tests failed.`] : []
}
