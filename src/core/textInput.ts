import { z } from 'zod'
import { InvalidInputError } from './errors.ts'

/** A zod schema for a text that `read` understands, such as parseWallTime or parsePeriod; what `read` refuses becomes an issue of the field it stands in. */
export function textInput<T>(read: (text: string) => T) {
  return z.string().transform((text, context): T => {
    try {
      return read(text)
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error
      for (const issue of error.issues) context.addIssue({ code: 'custom', message: issue.message, path: issue.path })
      return z.NEVER
    }
  })
}
