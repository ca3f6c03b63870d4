import { defineDomain } from '../domain.ts'
import { policies } from './policy.ts'
import './schema.ts'

/** Notes about contacts. */
export const notes = defineDomain({ name: 'notes', policies })
