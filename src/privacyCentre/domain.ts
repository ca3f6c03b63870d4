import { defineDomain } from '../domain.ts'
import { privacyCentreRoutes } from './routes.ts'

/** The pages on which people meet their rights. It holds no data of its own. */
export const privacyCentre = defineDomain({ name: 'privacyCentre', policies: {}, routes: privacyCentreRoutes })
