/** What the client is told an error is; the GraphQL enum `ErrorCode` mirrors it. */
export type ErrorCode = 'INVALID_INPUT' | 'NOT_FOUND' | 'CONFLICT' | 'FORBIDDEN'

/** A refusal that a caller can act on. Members of result unions; its message is for people and never holds SQL, stacks or constraint names. */
export class DomainError extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode, message: string) {
    super(message)
    this.name = new.target.name
    this.code = code
  }
}

/** One field of an input that cannot be taken. `path` leads from the input's root to it. */
export interface InputIssue {
  path: string[]
  message: string
}

/** The input breaks a rule; `issues` names every field at fault. */
export class InvalidInputError extends DomainError {
  readonly issues: InputIssue[]
  constructor(issues: InputIssue[] | InputIssue) {
    const list = Array.isArray(issues) ? issues : [issues]
    super('INVALID_INPUT', list.map((issue) => (issue.path.length ? `${issue.path.join('.')}: ${issue.message}` : issue.message)).join('; '))
    this.issues = list
  }
}

/** No such thing, or not the actor's: the two look the same. */
export class NotFoundError extends DomainError {
  constructor(message = 'There is nothing with that id.') {
    super('NOT_FOUND', message)
  }
}

/** The change clashes with the present state. */
export class ConflictError extends DomainError {
  constructor(message: string) {
    super('CONFLICT', message)
  }
}

/** The actor may not do this. */
export class ForbiddenError extends DomainError {
  constructor(message = 'You may not do this.') {
    super('FORBIDDEN', message)
  }
}

/** Narrows a caught value to a DomainError. */
export function isDomainError(error: unknown): error is DomainError {
  return error instanceof DomainError
}
