import { builder } from './graphql/builder.ts'
import './domains.ts'
import { forgetLoaded } from './graphql/loaders.ts'

/** The GraphQL schema; every domain's schema.ts has added its part by being imported. */
export const schema = builder.toSchema()

// Fields of a mutation are answered one after the other: each sees what those before it have changed.
for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
  const { resolve } = field
  if (resolve)
    field.resolve = (root, args, ctx, info) => {
      forgetLoaded(ctx)
      return resolve(root, args, ctx, info)
    }
}
