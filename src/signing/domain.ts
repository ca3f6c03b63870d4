import { defineDomain } from '../domain.ts'
import { signingRoutes } from './routes.ts'
import './schema.ts'

/** The keys that receipts, certificates and manifests are signed with, as others see them. */
export const signing = defineDomain({ name: 'signing', policies: {}, routes: signingRoutes })
