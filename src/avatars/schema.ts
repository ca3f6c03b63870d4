import { builder, type RequestCtx } from '../graphql/builder.ts'
import { encodeId } from '../graphql/globalIds.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { read } from '../graphql/read.ts'
import { avatarId, readAvatarIds } from './service.ts'

builder.prismaObjectField('Contact', 'avatarUrl', (t) =>
  t.string({
    nullable: true,
    description:
      'Where its picture is had, by its owner only: with the browser’s session, or with a token that has contacts:read. Another picture has another address.',
    extensions: read({
      sql: avatarId,
      value: (id, ctx) => id && urlOf(ctx, id as string),
    }),
    resolve: async (contact, _args, ctx) => {
      const id = await loaderOf<string, string | null>(ctx, 'avatar ids', async (ids) => {
        const found = await readAvatarIds(ctx, ids)
        return ids.map((each) => found.get(each) ?? null)
      }).load(contact.id)
      return id && urlOf(ctx, id)
    },
  }),
)

function urlOf(ctx: RequestCtx, id: string): string {
  return new URL(`/avatars/${encodeId('Avatar', id)}`, ctx.app.config.publicUrl).href
}
