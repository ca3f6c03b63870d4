import { expect, test } from 'vitest'
import { bareError } from '../../src/log.ts'

test('an error in the log says what and where, never the values at fault', () => {
  const failed = Object.assign(new Error('new row for relation "contacts" violates check constraint'), {
    code: '23514',
    detail: 'Failing row contains (Ada Example).',
    meta: { cause: { detail: 'Key (email)=(ada@example.test)' } },
  })
  const invalid = Object.assign(new Error('Invalid invocation:\n{ data: { displayName: "Ada Example" } }\nArgument `id` is missing.'), {
    name: 'PrismaClientValidationError',
  })
  const logged = JSON.stringify([bareError(failed), bareError(invalid)])
  expect(logged).not.toContain('Ada')
  expect(logged).not.toContain('ada@example.test')
  expect(logged).toContain('23514')
  expect(logged).toContain('Argument `id` is missing.')
})
