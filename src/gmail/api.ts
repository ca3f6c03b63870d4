import { gmail, type gmail_v1 } from 'googleapis/build/src/apis/gmail/index.js'
import type { Ctx } from '../core/ctx.ts'
import { callGoogle, clientOptions } from '../google/call.ts'
import { GoogleFailure } from '../google/failure.ts'
import { quotas } from '../google/quota.ts'

/** The most that Gmail lists at once. */
const largestPage = 500
const userId = 'me'

/** A message by its ids. */
export interface Named {
  id: string
  threadId: string
}

/** The mailbox as a whole. */
export interface Profile {
  email: string
  /** The latest change. */
  historyId: string
  messagesTotal: number
}

/** What the mailbox is called, how far its history goes and how much lies in it. @throws GoogleFailure */
export async function getProfile(ctx: Ctx): Promise<Profile> {
  const profile = await call(ctx, 'getProfile', (api) => api.users.getProfile({ userId, fields: 'emailAddress,historyId,messagesTotal' }))
  return { email: profile.emailAddress ?? '', historyId: historyIdOf(profile.historyId), messagesTotal: profile.messagesTotal ?? 0 }
}

/** One page of all messages but trash and spam, or of those with a label; as it happens the newest first. @throws GoogleFailure */
export async function listMessages(
  ctx: Ctx,
  { pageToken, label = null }: { pageToken: string | null; label?: string | null },
): Promise<{ messages: Named[]; nextPageToken: string | null }> {
  const page = await call(ctx, 'listMessages', (api) =>
    api.users.messages.list({
      userId,
      maxResults: largestPage,
      includeSpamTrash: false,
      fields: 'nextPageToken,messages(id,threadId)',
      ...(label === null ? {} : { labelIds: [label] }),
      ...(pageToken === null ? {} : { pageToken }),
    }),
  )
  return { messages: (page.messages ?? []).flatMap(named), nextPageToken: page.nextPageToken || null }
}

/** Something that happened to a message. */
export interface Change extends Named {
  kind: 'added' | 'deleted' | 'labelled' | 'unlabelled'
  /** Of `added` the message's labels, else those that came or went. */
  labels: readonly string[]
  /** Counts the changes: a number beyond what JavaScript counts to. */
  historyId: string
}

/** One page of what happened since a change; `historyId` is the latest change by then. */
export interface HistoryPage {
  changes: Change[]
  historyId: string
  nextPageToken: string | null
}

/** One page of what happened since a change, in its order. A page may be empty and others follow. @throws GoogleFailure, of kind `missing` when Gmail does not remember that far back */
export async function listHistory(ctx: Ctx, { since, pageToken }: { since: string; pageToken: string | null }): Promise<HistoryPage> {
  const page = await call(ctx, 'listHistory', (api) =>
    api.users.history.list({
      userId,
      startHistoryId: since,
      maxResults: largestPage,
      historyTypes: ['messageAdded', 'messageDeleted', 'labelAdded', 'labelRemoved'],
      ...(pageToken === null ? {} : { pageToken }),
    }),
  )
  return { changes: (page.history ?? []).flatMap(changesOf), historyId: historyIdOf(page.historyId), nextPageToken: page.nextPageToken || null }
}

/** Asks Google for notices of all changes, to a Pub/Sub topic; answers until when they come. @throws GoogleFailure */
export async function watch(ctx: Ctx, topicName: string): Promise<Temporal.Instant> {
  const { expiration } = await call(ctx, 'watch', (api) => api.users.watch({ userId, requestBody: { topicName } }))
  const at = Number(expiration)
  if (!Number.isSafeInteger(at)) throw new GoogleFailure('unavailable', 'a watch without an end')
  return Temporal.Instant.fromEpochMilliseconds(at)
}

/** Asks Google for no more notices, whoever asked for them. @throws GoogleFailure */
export async function stopWatch(ctx: Ctx): Promise<void> {
  await call(ctx, 'watch', async (api) => {
    await api.users.stop({ userId })
    return { data: {} }
  })
}

function call<Data extends object>(
  ctx: Ctx,
  method: keyof (typeof quotas)['off']['gmail'],
  ask: (api: gmail_v1.Gmail) => Promise<{ data: Data }>,
): Promise<Data> {
  const units = quotas[ctx.app.config.googleQuota].gmail[method]
  return callGoogle(ctx, { api: 'gmail', units }, (accessToken) => ask(gmail({ version: 'v1', ...clientOptions(ctx, accessToken) })))
}

function changesOf({ id, messagesAdded, messagesDeleted, labelsAdded, labelsRemoved }: gmail_v1.Schema$History): Change[] {
  const historyId = historyIdOf(id)
  const read = (kind: Change['kind'], entries: readonly { message?: gmail_v1.Schema$Message; labelIds?: string[] | null }[] | null | undefined): Change[] =>
    (entries ?? []).flatMap(({ message, labelIds }) =>
      named(message ?? {}).map((each) => ({ ...each, kind, labels: (kind === 'added' ? message?.labelIds : labelIds) ?? [], historyId })),
    )
  return [...read('added', messagesAdded), ...read('labelled', labelsAdded), ...read('unlabelled', labelsRemoved), ...read('deleted', messagesDeleted)]
}

function named({ id, threadId }: gmail_v1.Schema$Message): Named[] {
  return id ? [{ id, threadId: threadId || id }] : []
}

/** An end that says nothing of where it is would be one that nothing can follow. */
function historyIdOf(id: string | null | undefined): string {
  if (!/^\d{1,30}$/.test(id ?? '')) throw new GoogleFailure('unavailable', 'an answer without a history id')
  return String(id)
}
