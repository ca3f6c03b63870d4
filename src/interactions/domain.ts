import { defineDomain } from '../domain.ts'
import { policies } from './policy.ts'
import { rectifyInteractions } from './rectify.ts'
import './schema.ts'

/** Interactions: when one was in touch, and with whom. */
export const interactions = defineDomain({ name: 'interactions', policies, executes: { RECTIFICATION: rectifyInteractions } })
