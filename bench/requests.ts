import type { Operation, Sample, ServerName } from './operations/operation.ts'

/** What a sample is for one of the servers: path, headers and body. */
export interface Message {
  path: string
  headers: Record<string, string>
  body: string
}

/** Makes the message that asks a server for a sample of an operation. */
export function messageOf(server: ServerName, operation: Operation, sample: Sample): Message {
  const owner = { 'x-owner': sample.reader.ownerId }
  if (server === 'floor') return { path: `/${operation.key}`, headers: owner, body: JSON.stringify(sample.floor) }
  const document =
    server === 'postgraphile'
      ? { query: operation.postgraphile, variables: sample.postgraphile }
      : server === 'kith'
        ? { query: operation.query, variables: sample.kith }
        : { query: operation.peers ?? operation.query, variables: sample.plain ?? sample.kith }
  const headers = server === 'kith' ? { authorization: `Bearer ${sample.reader.token}` } : owner
  return { path: '/graphql', headers, body: JSON.stringify(document) }
}

/** The message as it goes over the wire. */
export function wireOf({ path, headers, body }: Message): string {
  const lines = Object.entries({
    host: '127.0.0.1',
    'content-type': 'application/json',
    accept: 'application/json',
    ...headers,
    'content-length': Buffer.byteLength(body),
  })
  return `POST ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** Sends a message once and reads the answer. @throws Error for a refusal or an answer with errors */
export async function askOnce(port: number, { path, headers, body }: Message): Promise<{ data: unknown; bytes: number }> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers },
    body,
  })
  const text = await response.text()
  const answer = JSON.parse(response.ok ? text : 'null') as { data?: unknown; errors?: unknown } | null
  if (answer === null || answer.errors) throw new Error(`${response.status} for ${body.slice(0, 300)}: ${text.slice(0, 2000)}`)
  return { data: path === '/graphql' ? answer.data : answer, bytes: Buffer.byteLength(text) }
}
