import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { App } from '../app.ts'
import type { Outcome } from './outcome.ts'
import { rows, sql } from '../db/client.ts'
import { fileNameOf } from '../deliveries/service.ts'
import { controllerId } from '../privacy/service.ts'

/** A file in the store of blobs. */
export interface Blob {
  key: string
  bytes: number
}

/** The top folders of the store: in each of them every owner has a folder of their own. */
async function foldersOf(app: App): Promise<string[]> {
  const { objects } = await listing(app, '/')
  return objects.filter(({ isDirectory }) => isDirectory).map((entry) => ('prefix' in entry ? entry.prefix : '').replaceAll(/^\/+|\/+$/g, ''))
}

/** Every file of an owner in the store of blobs: pictures, uploads, archives, whoever stores more. */
export async function blobsOf(app: App, ownerId: string): Promise<Blob[]> {
  const found: Blob[] = []
  for (const folder of await foldersOf(app)) {
    let token: string | undefined
    do {
      const { objects, paginationToken } = await listing(app, `${folder}/${ownerId}/`, { recursive: true, ...(token && { paginationToken: token }) })
      for (const object of objects) if (object.isFile && 'key' in object) found.push({ key: object.key, bytes: (await object.getMetaData()).contentLength })
      token = paginationToken
    } while (token)
  }
  return found
}

/** Deletes every file of an owner in the store of blobs. */
export async function deleteBlobs(app: App, ownerId: string): Promise<void> {
  for (const folder of await foldersOf(app)) await app.blobs.deleteAll(`${folder}/${ownerId}/`)
}

/** A folder of the file system that nobody has made yet is an empty one. */
async function listing(app: App, prefix: string, options?: { recursive?: boolean; paginationToken?: string }) {
  const found = await app.blobs.listAll(prefix, options).catch((error: unknown) => {
    if (causes(error).some((code) => code === 'ENOENT')) return { objects: [] }
    throw error
  })
  return { objects: [...found.objects], paginationToken: 'paginationToken' in found ? found.paginationToken : undefined }
}

function causes(error: unknown): unknown[] {
  return error instanceof Error ? [(error as { code?: unknown }).code, ...causes(error.cause)] : []
}

/** How many jobs wait, run or have ended with an owner in their payload. The queue's tables are there once a worker has been. */
export async function jobsOf(app: App, ownerId: string): Promise<number> {
  if (!(await hasQueue(app))) return 0
  const { rows: found } = await app.database.pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM pgboss.job WHERE data->>'ownerId' = $1`, [
    ownerId,
  ])
  return found[0]?.count ?? 0
}

/** Deletes them. */
export async function deleteJobs(app: App, ownerId: string): Promise<number> {
  if (!(await hasQueue(app))) return 0
  const { rowCount } = await app.database.pool.query(`DELETE FROM pgboss.job WHERE data->>'ownerId' = $1`, [ownerId])
  return rowCount ?? 0
}

async function hasQueue(app: App): Promise<boolean> {
  const { rows: found } = await app.database.pool.query<{ there: boolean }>(`SELECT to_regclass('pgboss.job') IS NOT NULL AS there`)
  return found[0]?.there ?? false
}

/** The names of the files that messages to an owner were written to, where mail is written to files; those of the request that is carried out are left. */
export async function mailFilesOf(app: App, ownerId: string, requestId: string | null, models: readonly Outcome[]): Promise<string[]> {
  if (app.config.smtpUrl !== null) return []
  const ctx = { app, db: app.database.prisma }
  const letters = models.find(({ model }) => model === 'PrivacyLetter')?.rowsOf?.(ownerId, requestId)
  const found = await rows<{ messageId: string }>(
    ctx,
    sql`SELECT "messageId" FROM deliveries WHERE "ownerId" = ${ownerId}::uuid
        UNION ALL SELECT "messageId" FROM privacy_letters WHERE "ownerId" = ${controllerId}::uuid AND ${letters ?? sql`false`}`,
  )
  return found.map(({ messageId }) => join(app.config.dataDir, 'outbox', fileNameOf(messageId)))
}

/** Deletes files, whether or not they are there. */
export async function deleteFiles(paths: readonly string[]): Promise<void> {
  for (const path of paths) await rm(path, { force: true })
}
