import { defineDomain } from '../domain.ts'
import { policies } from './policy.ts'

/** Finding contacts by any of their words, and notes by theirs. */
export const search = defineDomain({ name: 'search', policies })
