import type { z } from 'zod'
import { InvalidInputError } from './errors.ts'

/** Validates an input against its zod schema; what it returns is normalised. @throws InvalidInputError naming each field at fault */
export function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  throw new InvalidInputError(result.error.issues.map((issue) => ({ path: issue.path.map(String), message: issue.message })))
}
