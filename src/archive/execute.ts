import type { Executor } from '../privacy/service.ts'
import { announceDownload, controllerId } from '../privacy/service.ts'
import { buildArchive } from './build.ts'

/**
 * Answers a request for access or portability with an archive. Somebody without an account gets what address books say of them: who they are said to
 * be and how they are reached, never whose books these are.
 */
export const makeArchive: Executor = async (ctx, { requestId, type, subject }) => {
  if (subject.kind === 'USER') {
    const scope = type === 'PORTABILITY' ? 'PORTABILITY' : 'ACCESS'
    await buildArchive(ctx, { ownerId: subject.ownerId, requestId, scope, whose: { kind: 'HOLDER', ownerId: subject.ownerId } })
    await announceDownload(ctx, requestId)
    return 'DOWNLOAD'
  }
  if (subject.places.length === 0) return 'DONE'
  await buildArchive(ctx, { ownerId: controllerId, requestId, scope: 'PERSON', whose: { kind: 'PERSON', places: subject.places } })
  await announceDownload(ctx, requestId)
  return 'DOWNLOAD'
}
