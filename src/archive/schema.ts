import { ownerOf } from '../core/ctx.ts'
import { ForbiddenError, NotFoundError } from '../core/errors.ts'
import type { Archive as Row } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { rowId } from '../graphql/globalIds.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { createDownloadLink, type DownloadLink } from './download.ts'

const scope = 'privacy:read'

const State = builder.enumType('PrivacyArchiveState', {
  description: 'How far an archive has come.',
  values: {
    BUILDING: { description: 'It is being made.' },
    READY: { description: 'It can be fetched.' },
    FETCHED: { description: 'It was fetched, and is deleted.' },
    EXPIRED: { description: 'Nobody fetched it in time, and it is deleted.' },
  },
})

const PrivacyArchive = builder.objectRef<Row>('PrivacyArchive').implement({
  description: 'The file that answers a request for access or portability.',
  extensions: { scope },
  fields: (t) => ({
    state: t.field({ type: State, description: 'How far it has come.', resolve: (archive) => archive.state as 'READY' }),
    processed: t.exposeInt('processed', { description: 'Records written so far.' }),
    total: t.exposeInt('total', { nullable: true, description: 'Records to write; null until they are counted.' }),
    bytes: t.float({ nullable: true, description: 'The size of the file, once it is there.', resolve: ({ bytes }) => (bytes === null ? null : Number(bytes)) }),
    readyAt: t.expose('readyAt', { type: 'DateTime', nullable: true, description: 'Since when it can be fetched.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it is deleted, fetched or not.' }),
  }),
})

builder.prismaObjectField('PrivacyRequest', 'archive', (t) =>
  t.field({
    type: PrivacyArchive,
    nullable: true,
    description: 'The file that answers it, of a request for access or portability that is being carried out.',
    resolve: (request, _args, ctx) =>
      loaderOf<string, Row | null>(ctx, 'archives of privacy requests', async (ids) => {
        const found = await ctx.db.archive.findMany({ where: { ownerId: ownerOf(ctx), id: { in: [...ids] } } })
        const byId = new Map(found.map((archive) => [archive.id, archive]))
        return ids.map((id) => byId.get(id) ?? null)
      }).load(request.id),
  }),
)

const Link = builder.objectRef<DownloadLink>('PrivacyArchiveLink').implement({
  description: 'A link to an archive, good once.',
  extensions: { scope },
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Where the file is; whoever has this link gets it, once.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'Until when it can be used.', resolve: ({ expiresAt }) => new Date(expiresAt.epochMilliseconds) }),
  }),
})

builder.mutationField('privacyArchiveLink', (t) =>
  t.field({
    type: Link,
    description:
      'Makes a link to the archive that answers a request, from a browser that signed in within the last five minutes. An earlier link is good no more.',
    extensions: { scope: 'privacy:write' },
    errors: { types: [NotFoundError, ForbiddenError] },
    args: { id: t.arg.id({ required: true, description: 'The request.' }) },
    resolve: (_root, { id }, ctx) => createDownloadLink(ctx, rowId('PrivacyRequest', id)),
  }),
)
