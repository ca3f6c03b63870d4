// The floor: bare node:http, and for each operation one prepared statement that builds the whole answer. The owner comes from a header; there is no GraphQL.
import { createServer } from 'node:http'
import { env } from 'node:process'
import pg from 'pg'
import { operations } from './operations/all.ts'

const pool = new pg.Pool({ connectionString: env['DATABASE_URL'], max: Number(env['MAX_CONNECTIONS']), application_name: 'bench floor' })
const statements = new Map(operations.map(({ key, floor }) => [`/${key}`, { name: key, text: floor.sql }]))

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => void answer())
  const answer = async (): Promise<void> => {
    const statement = statements.get(request.url ?? '')
    if (!statement) return void response.writeHead(404).end()
    try {
      const values: unknown[] = [request.headers['x-owner'], ...(JSON.parse(Buffer.concat(parts).toString('utf8')) as unknown[])]
      const { rows } = await pool.query<{ answer: string }>({ ...statement, values })
      const text = Buffer.from(rows[0]?.answer ?? 'null')
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': text.length }).end(text)
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  }
})
server.listen(Number(env['PORT']), '127.0.0.1', () => console.log('ready'))
