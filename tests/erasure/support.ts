import { outcomes } from '../../src/erasure/service.ts'
import { tablesOf } from '../../src/policy/tables.ts'
import type { TestApp } from '../support/app.ts'

/** Whether rows of a table are kept as evidence when an account is erased, as the plan and the certificate say. */
export function isEvidence({ app }: Pick<TestApp, 'app'>, table: string): boolean {
  return outcomes(app.policies, tablesOf(app)).some((each) => each.table.table === table && each.what === 'EVIDENCE')
}
