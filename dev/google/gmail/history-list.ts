import { openToken, sealToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import { readMaxResults, type Access } from './access.ts'
import { mailArgument, mailNotFound } from './errors.ts'
import type { HistoryRecord } from './history.ts'

interface PageToken {
  sub: string
  /** The first request's parameters, which every later one repeats. */
  parameters: string
  /** The last change listed. */
  after: string
  /** Pages without history still to come. */
  empty: number
}

const types = ['messageAdded', 'messageDeleted', 'labelAdded', 'labelRemoved']

/** history.list: one page of what happened since an id; what happens while pages are read is on the later ones. @throws ApiError */
export function listHistory({ seed, clock, settings }: Simulation, { account }: Access, query: URLSearchParams): object {
  const start = query.get('startHistoryId')
  if (!start) throw mailArgument('Missing required parameter: startHistoryId')
  if (!/^\d{1,20}$/.test(start)) throw mailArgument(`Invalid value at 'start_history_id' (TYPE_UINT64), "${start}"`)
  const wanted = query.getAll('historyTypes')
  const unknown = wanted.find((type) => !types.includes(type))
  if (unknown !== undefined) throw mailArgument(`Invalid value at 'history_types', "${unknown}"`)
  const labelId = query.get('labelId')
  const size = readMaxResults(query)
  const parameters = JSON.stringify([start, wanted, labelId])
  const { history } = account.mailbox

  const text = query.get('pageToken')
  const token = text ? openToken<PageToken>(seed, 'gmail.history', text) : undefined
  if (text && (token?.sub !== account.sub || token.parameters !== parameters)) throw mailArgument('Invalid pageToken')
  const keptSince = clock.now().subtract({ hours: settings.gmail.historyDays * 24 }).epochMilliseconds
  const records = history.after(BigInt(token?.after ?? start), keptSince)
  if (!records) throw mailNotFound()

  const empty = token?.empty ?? settings.gmail.emptyHistoryPages
  const shown = records.filter((record) => !labelId || record.labelIds.includes(labelId)).map((record) => ({ record, json: showRecord(record, wanted) }))
  const rest = shown.flatMap(({ record, json }) => (json ? [{ record, json }] : []))
  const page = empty > 0 ? [] : rest.slice(0, size)
  const more = rest.length > page.length
  const next: PageToken = {
    sub: account.sub,
    parameters,
    after: String(page.at(-1)?.record.id ?? token?.after ?? start),
    empty: empty > 0 ? empty - 1 : settings.gmail.emptyHistoryPages,
  }
  return {
    ...(page.length > 0 && { history: page.map(({ json }) => json) }),
    ...((more || empty > 0) && { nextPageToken: sealToken(seed, 'gmail.history', next) }),
    historyId: String(history.lastId()),
  }
}

/** A record with the kinds of change that are wanted; undefined when none is in it. */
function showRecord({ id, kind, messageId, threadId, labelIds, labelsAdded, labelsRemoved }: HistoryRecord, wanted: readonly string[]): object | undefined {
  const wants = (type: string) => wanted.length === 0 || wanted.includes(type)
  const message = { id: messageId, threadId, ...(labelIds.length > 0 && { labelIds }) }
  const changes = {
    ...(kind === 'added' && wants('messageAdded') && { messagesAdded: [{ message }] }),
    ...(kind === 'deleted' && wants('messageDeleted') && { messagesDeleted: [{ message }] }),
    ...(labelsAdded.length > 0 && wants('labelAdded') && { labelsAdded: [{ message, labelIds: labelsAdded }] }),
    ...(labelsRemoved.length > 0 && wants('labelRemoved') && { labelsRemoved: [{ message, labelIds: labelsRemoved }] }),
  }
  if (Object.keys(changes).length === 0) return undefined
  return { id: String(id), messages: [{ id: messageId, threadId }], ...changes }
}
