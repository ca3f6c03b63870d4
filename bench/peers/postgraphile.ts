// PostGraphile 5 on the twin, by its recommended preset: the owner comes from a header and is a condition of every root field, which is cheaper than row-level security.
import { createServer } from 'node:http'
import { env } from 'node:process'
import { PgSimplifyInflectionPreset } from '@graphile/simplify-inflection'
import { postgraphile } from 'postgraphile'
import { makePgService } from 'postgraphile/adaptors/pg'
import { PostGraphileAmberPreset } from 'postgraphile/presets/amber'
import { grafserv } from 'postgraphile/grafserv/node'
import { PostGraphileConnectionFilterPreset } from 'postgraphile-plugin-connection-filter'
import { ownedRoots } from './owned.ts'

const preset: GraphileConfig.Preset = {
  extends: [PostGraphileAmberPreset, PgSimplifyInflectionPreset, PostGraphileConnectionFilterPreset],
  plugins: [ownedRoots],
  // It would hide conditions and orders that no index serves; the answers need them.
  disablePlugins: ['PgIndexBehaviorsPlugin'],
  schema: { connectionFilterRelations: true, pgJwtSecret: undefined, dontSwallowErrors: true },
  pgServices: [
    makePgService({
      connectionString: env.DATABASE_URL,
      schemas: ['twin'],
      poolConfig: { max: Number(env.MAX_CONNECTIONS), application_name: 'bench postgraphile' },
    }),
  ],
  grafserv: { graphqlPath: '/graphql', graphiql: false, watch: false, maxRequestLength: 1_000_000, websockets: false },
  grafast: {
    explain: false,
    context: (request) => ({ ownerId: request.node?.req.headers['x-owner'] }),
  },
}

const pgl = postgraphile(preset)
const server = createServer()
await pgl.createServ(grafserv).addTo(server)
if (env.PRINT_SCHEMA) {
  const { printSchema } = await import('graphql')
  console.log(printSchema(await pgl.getSchema()))
}
await pgl.getSchema()
server.listen(Number(env.PORT), '127.0.0.1', () => console.log('ready'))
