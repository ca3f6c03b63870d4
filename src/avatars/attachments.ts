import { createHash } from 'node:crypto'
import type { Attachments } from '../archive/service.ts'
import { ownerOf } from '../core/ctx.ts'
import { readBlob, storeBlob } from './blobs.ts'
import { readImage } from './image.ts'
import { maxAvatarBytes } from './service.ts'

const pageSize = 250

/** Pictures, as archives hold them. */
export const attachments: Attachments = {
  model: 'Avatar',
  column: 'sha256',
  list: async function* (ctx, contactIds) {
    let after = '00000000-0000-0000-0000-000000000000'
    for (let more = true; more;) {
      const page = await ctx.db.avatar.findMany({
        where: { ownerId: ownerOf(ctx), id: { gt: after }, ...(contactIds && { contactId: { in: [...contactIds] } }), contact: { restrictedAt: null } },
        orderBy: { id: 'asc' },
        take: pageSize,
      })
      for (const { sha256, key } of page) yield { sha256: Buffer.from(sha256).toString('hex'), read: () => readBlob(ctx, key) }
      after = page.at(-1)?.id ?? after
      more = page.length === pageSize
    }
  },
  // Read as any picture that comes from outside: what it is, is seen in its bytes.
  keep: async (ctx, record, bytes) => {
    if (bytes.length > maxAvatarBytes || createHash('sha256').update(bytes).digest('hex') !== record['sha256']) return null
    const image = await readImage(bytes)
    if ('refused' in image || image.contentType !== record['contentType']) return null
    return { ...record, bytes: image.bytes.length, sha256: createHash('sha256').update(image.bytes).digest('hex'), key: await storeBlob(ctx, image.bytes) }
  },
}
