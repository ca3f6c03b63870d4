import { readFile } from 'node:fs/promises'
import { ConfigError } from '../config.ts'
import { type CertificateBody, verifyCertificate } from '../erasure/service.ts'
import type { PublicJwk } from '../vault/jws.ts'
import { jwkOf } from '../vault/signing.ts'

/** Says what a certificate of an erasure says and whether it is genuine; with a file of keys nobody and nothing else is asked. Ends with 1 when it is not. */
export async function certificateVerify(file: string, { keys }: { keys?: string }): Promise<void> {
  const text = await read(file)
  try {
    process.stdout.write(describe(verifyCertificate(text, keys === undefined ? await ownKeys() : keysIn(await read(keys), keys))))
  } catch (error) {
    if (error instanceof ConfigError) throw error
    process.stderr.write(`Not genuine: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}

async function read(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError([`${file} cannot be read: ${(error as { code?: string }).code ?? 'unknown'}`])
  })
}

function keysIn(text: string, file: string): PublicJwk[] {
  try {
    const { keys } = JSON.parse(text) as { keys: PublicJwk[] }
    if (Array.isArray(keys)) return keys
  } catch {
    // said below
  }
  throw new ConfigError([`${file} is no list of keys; /.well-known/jwks.json of the controller's server is one`])
}

/** The keys of this installation. */
async function ownKeys(): Promise<PublicJwk[]> {
  const { open } = await import('./open.ts')
  await using opened = await open({ simulator: false })
  return (await opened.app.signing.publicKeys()).map(jwkOf)
}

function describe(body: CertificateBody): string {
  const gone = body.erased.filter(({ before }) => before > 0)
  return [
    `Genuine. ${body.controller} has erased ${body.scope === 'ACCOUNT' ? 'an account' : 'a person from every address book'}: request ${body.request}, entry ${body.ledgerEntry} of its ledger.`,
    `Begun ${body.begunAt}, completed ${body.completedAt}.`,
    '',
    'Gone:',
    ...gone.map(({ name, before, after }) => `  ${name}: ${before} before, ${after} after`),
    body.keysDestroyed.length > 0 ? `Keys destroyed: ${body.keysDestroyed.join(', ')}.` : '',
    ...body.recipients.map(({ name, outcome }) => `${name}: ${outcome}`),
    `Looked for in ${body.check.tables} tables afterwards: nothing found.`,
    '',
    'Kept:',
    ...body.retained.map(({ name, what, ground, until }) => `  ${name}: ${what} (${ground}; ${until})`),
    '',
    `${body.residual.backups} Backups: until ${body.residual.backupsUntil}.`,
    body.residual.wal ? `${body.residual.wal.note} (${body.residual.wal.before})` : '',
    '',
  ].join('\n')
}
