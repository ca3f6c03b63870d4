import * as z from 'zod'
import { missing, type Fault, type FaultRule } from '../faults.ts'
import type { Simulation } from '../simulation.ts'
import { Operations, runOperations } from './operations.ts'

const times = z.union([z.int().positive(), z.literal('always')])

/** A rule as JSON can say it: a pattern is text, for ever is `always`, what runs is operations of the world, and `without` names fields to leave out. */
export const FaultInput = z
  .strictObject({
    method: z.string().optional(),
    path: z.string().optional(),
    pathPattern: z.string().optional(),
    query: z.record(z.string(), z.string().nullable()).optional(),
    account: z.string().optional(),
    nth: z.int().positive().optional(),
    times: times.optional(),
    status: z.int().min(200).max(599).optional(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    delayMs: z.int().nonnegative().optional(),
    reset: z.boolean().optional(),
    truncateBytes: z.int().nonnegative().optional(),
    after: z.boolean().optional(),
    without: z.array(z.string()).optional(),
    emptyPage: z.boolean().optional(),
    before: Operations.optional(),
    afterwards: Operations.optional(),
    inBatch: z.boolean().optional(),
    hang: z.boolean().optional(),
    gzip: z.boolean().optional(),
    truncateQuietly: z.boolean().optional(),
  })
  .refine((rule) => rule.path === undefined || rule.pathPattern === undefined, { error: 'Give path or pathPattern, not both.' })
  .refine((rule) => rule.pathPattern === undefined || isPattern(rule.pathPattern), { error: 'pathPattern is no regular expression.', path: ['pathPattern'] })

/** A fault that was set from outside. */
export interface AdminFault {
  id: string
  rule: z.infer<typeof FaultInput>
  fault: Fault
}

/** The rule as the simulator knows it. */
export function faultRule(simulation: Simulation, { pathPattern, times: many, before, afterwards, without, ...rest }: z.infer<typeof FaultInput>): FaultRule {
  const happening = (operations: z.infer<typeof Operations> | undefined) => operations && (() => void runOperations(simulation, operations))
  return Object.fromEntries(
    Object.entries({
      ...rest,
      path: pathPattern === undefined ? rest.path : new RegExp(pathPattern),
      times: many === 'always' ? Infinity : many,
      before: happening(before),
      afterwards: happening(afterwards),
      rewriteJson: without && missing(...without).rewriteJson,
    }).filter(([, value]) => value !== undefined),
  )
}

function isPattern(text: string): boolean {
  try {
    return Boolean(new RegExp(text))
  } catch {
    return false
  }
}
