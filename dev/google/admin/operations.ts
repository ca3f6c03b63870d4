import * as z from 'zod'
import { invalidArgument } from '../errors.ts'
import type { Simulation } from '../simulation.ts'

/** An operation of the world (`addPerson`) or of what accounts have granted (`tokens.revokeAccount`), and what it is given. */
export const Operation = z.strictObject({ operation: z.string(), arguments: z.array(z.unknown()).default([]) })

/** One operation, or several that follow each other. */
export const Operations = z.union([Operation, z.array(Operation).min(1)])

type Call = (...given: unknown[]) => unknown

const readings = new Set(['find', 'account'])
const grants = ['revokeAccount', 'withdrawScopes', 'expireAccessTokens'] as const

/** Names of all operations there are. */
export function operationNames({ world }: Simulation): string[] {
  const own = Object.entries(world).filter(([name, value]) => typeof value === 'function' && !readings.has(name))
  return [...own.map(([name]) => name), ...grants.map((name) => `tokens.${name}`)]
}

/**
 * Runs operations in order and returns what each returned. An argument that is an instant (`2026-03-01T12:00:00Z`), or the `at` of one, is
 * passed as an instant.
 * @throws ApiError 400 for an operation that is not there or refuses; those before it have been run
 */
export function runOperations(simulation: Simulation, operations: z.infer<typeof Operations>): unknown[] {
  const { world, tokens } = simulation
  return [operations].flat().map(({ operation, arguments: given }) => {
    if (!operationNames(simulation).includes(operation))
      throw invalidArgument(`There is no operation ${operation}. There are: ${operationNames(simulation).join(', ')}.`)
    const [, grant] = /^tokens\.(.+)$/.exec(operation) ?? []
    const call = (grant === undefined ? world[operation as keyof typeof world] : tokens[grant as (typeof grants)[number]]) as Call
    try {
      return call(...given.map(revived)) ?? null
    } catch (error) {
      if (error instanceof Error) throw invalidArgument(`${operation}: ${error.message}`)
      throw error
    }
  })
}

function revived(value: unknown): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.map((each) => (typeof each === 'object' ? revived(each) : each))
  if (typeof value !== 'object') return asInstant(value)
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, name === 'at' ? asInstant(each) : each]))
}

function asInstant(value: unknown): unknown {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) ? Temporal.Instant.from(value) : value
}
