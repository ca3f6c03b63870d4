// The load, in a process of its own: told over IPC what to send, answers what came of it.
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

/** What to send, and for how long. */
export interface Load {
  port: number
  /** Whole requests with their headers, sent in turn. */
  requests: string[]
  connections: number
  durationMs: number
  /** Ends earlier once so many were answered. */
  most?: number
  /** Requests a second at the most, evenly; as many as the server answers where nothing is said. */
  perSecond?: number
}

/** What came of it. */
export interface Outcome {
  answered: number
  seconds: number
  bytes: number
  /** Answers with another status than 200, and those looked at that held errors; with the first of them. */
  failed: number
  failure: string | null
  p50Ms: number
  p95Ms: number
  p99Ms: number
}

/** So often an answer is read as text, to see whether it holds errors: all of them would cost the load more than the servers. */
const lookEvery = 64

process.on('message', (load: Load) => {
  void run(load).then((outcome) => process.send?.(outcome))
})

async function run({ port, requests, connections, durationMs, most = Infinity, perSecond = Infinity }: Load): Promise<Outcome> {
  const messages = requests.map((request) => Buffer.from(request))
  const times: number[] = []
  const outcome = { bytes: 0, failed: 0, failure: null as string | null }
  let sent = 0
  const begun = performance.now()
  const next = (): Turn | undefined => {
    const message = messages[sent % messages.length]
    const dueMs = Math.max(0, begun + (sent * 1000) / perSecond - performance.now())
    if (!message || performance.now() + dueMs - begun >= durationMs || sent >= most) return undefined
    sent += 1
    return { message, dueMs }
  }
  const arrived = (head: string, body: Buffer[], size: number, since: number): void => {
    times.push(performance.now() - since)
    outcome.bytes += size
    const looked = times.length % lookEvery === 1
    if (head.startsWith('HTTP/1.1 200') && !(looked && Buffer.concat(body).includes('"errors":'))) return
    outcome.failed += 1
    outcome.failure ??= `${head.split('\r\n', 1)[0]} ${Buffer.concat(body).toString('utf8').slice(0, 1000)}`
  }
  await Promise.all(Array.from({ length: connections }, () => converse(port, next, arrived)))
  const seconds = (performance.now() - begun) / 1000
  times.sort((left, right) => left - right)
  const at = (share: number): number => times[Math.min(times.length - 1, Math.ceil(times.length * share) - 1)] ?? Number.NaN
  return { ...outcome, answered: times.length, seconds, p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99) }
}

/** What to send next, and how long to wait with it. */
interface Turn {
  message: Buffer
  dueMs: number
}

/** One connection that is kept: the next request goes out when the last one is answered. */
async function converse(
  port: number,
  next: () => Turn | undefined,
  arrived: (head: string, body: Buffer[], size: number, since: number) => void,
): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await new Promise<void>((resolve, reject) => {
    let since = 0
    const send = (message: Buffer): void => {
      since = performance.now()
      socket.write(message)
    }
    const ask = (): void => {
      const turn = next()
      if (!turn) return void socket.end(resolve)
      if (turn.dueMs < 1) send(turn.message)
      else setTimeout(send, turn.dueMs, turn.message)
    }
    readAnswers(socket, (head, body, size) => {
      arrived(head, body, size, since)
      ask()
    })
    socket.once('connect', ask)
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('The server closed a connection.')))
  })
}

/** Reads HTTP/1.1 answers one after the other: with a length, or in chunks. */
function readAnswers(socket: Socket, done: (head: string, body: Buffer[], size: number) => void): void {
  let head = ''
  let left = -1
  let parts: Buffer[] = []
  let size = 0
  const finish = (): void => {
    const [said, body, bytes] = [head, parts, size]
    ;[head, left, parts, size] = ['', -1, [], 0]
    done(said, body, bytes)
  }
  socket.on('data', (data: Buffer) => {
    let rest = data
    if (head === '') {
      const end = rest.indexOf('\r\n\r\n')
      // Every server here sends its headers at once.
      if (end === -1) throw new Error('Half a head.')
      head = rest.subarray(0, end).toString('latin1')
      const length = /^content-length: *(\d+)/im.exec(head)?.[1]
      left = length === undefined ? -1 : Number(length)
      rest = rest.subarray(end + 4)
    }
    parts.push(rest)
    size += rest.length
    if (left >= 0 ? size >= left : rest.subarray(-5).equals(lastChunk)) finish()
  })
}

const lastChunk = Buffer.from('0\r\n\r\n')
