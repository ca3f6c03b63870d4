import { dataMap } from '../policy/dataMap.ts'
import { inTransaction } from '../events/service.ts'
import { controllerActor } from './controller.ts'
import type { Executor } from './execution.ts'
import { lockRequest } from './journal.ts'
import { writeTo } from './progress.ts'

/**
 * Tells which kinds of data are held, for what, on what ground, from where and how long, from the declarations themselves. Somebody in address books
 * is told what such books hold of people, and whether theirs is among it; in whose book, and what was written there, is not theirs to be told
 * (Article 15(4)). Their access is this answer too; a holder's own is an archive, which others make.
 */
export const tellCategories: Executor = async (ctx, { requestId, type, subject }) => {
  if (type === 'ACCESS' && subject.kind === 'USER') return null
  const about = subject.kind === 'USER' ? 'OWNER' : 'CONTACT_PERSON'
  const lines = dataMap(ctx.app.policies).flatMap(({ model, columns }) => {
    const told = columns.filter((column) => (column.subject === about || subject.kind === 'USER') && !column.category.startsWith('system.'))
    if (told.length === 0 || (subject.kind === 'PERSON' && subject.places.length === 0)) return []
    const of = (values: readonly (string | null)[]): string => [...new Set(values.filter((value) => value !== null))].join(', ')
    return [
      `- ${model}: ${of(told.map(({ category }) => category))}; for ${of(told.flatMap(({ purposes }) => purposes))}; on the basis of ${of(told.map(({ legalBasis }) => legalBasis))}; from ${of(told.map(({ provenance }) => provenance ?? 'whoever keeps it'))}; kept ${of(told.map(({ retention }) => retention))}`,
    ]
  })
  await inTransaction({ ...ctx, actor: controllerActor('categories') }, async (tx) => {
    const request = await lockRequest(tx, requestId)
    if (request) await writeTo(tx, request, 'DONE', 'categories', ({ letters }) => letters.categories(lines))
  })
  return 'DONE'
}
