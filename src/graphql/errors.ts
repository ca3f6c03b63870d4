import type { GraphQLError } from 'graphql'
import { ConflictError, type DomainError, ForbiddenError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import { builder } from './builder.ts'
import { refusal } from './refusal.ts'

/** A top-level error for an argument outside its rules, such as a bad cursor: the request is at fault, so the answer is 400. */
export function badInput(message: string): GraphQLError {
  return refusal('BAD_USER_INPUT', message)
}

builder.enumType('ErrorCode', {
  description: 'What kind of refusal an error is.',
  values: {
    INVALID_INPUT: { description: 'The input breaks a rule; `issues` names each field.' },
    NOT_FOUND: { description: 'There is no such thing, or it is not yours.' },
    CONFLICT: { description: 'The change clashes with the present state.' },
    FORBIDDEN: { description: 'The caller may not do this.' },
  },
})

const ErrorInterface = builder.interfaceRef<DomainError>('Error').implement({
  description: 'A refusal that the caller can act on.',
  fields: (t) => ({
    code: t.field({ type: 'ErrorCode' as never, description: 'What kind of refusal it is.', resolve: (error) => error.code as never }),
    message: t.exposeString('message', { description: 'A sentence for people.' }),
  }),
})

const InputIssue = builder.objectRef<{ path: string[]; message: string }>('InputIssue').implement({
  description: 'One field of an input that cannot be taken.',
  fields: (t) => ({
    path: t.exposeStringList('path', { description: 'The way from the input to the field, list positions as numbers.' }),
    message: t.exposeString('message', { description: 'What is wrong with it.' }),
  }),
})

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  description: 'The input breaks a rule.',
  interfaces: [ErrorInterface],
  fields: (t) => ({ issues: t.field({ type: [InputIssue], description: 'Every field at fault.', resolve: (error) => error.issues }) }),
})
builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  description: 'There is no such thing, or it is not yours: the two look alike.',
  interfaces: [ErrorInterface],
})
builder.objectType(ConflictError, { name: 'ConflictError', description: 'The change clashes with the present state.', interfaces: [ErrorInterface] })
builder.objectType(ForbiddenError, { name: 'ForbiddenError', description: 'The caller may not do this.', interfaces: [ErrorInterface] })
