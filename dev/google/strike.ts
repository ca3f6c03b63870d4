import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context } from 'hono'
import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { changesAnswer, type FaultRule } from './faults.ts'
import type { SimulatorEnv } from './simulation.ts'

/** Answers a request as these rules say; without any, as the simulator would. */
export async function strike(c: Context<SimulatorEnv>, rules: readonly FaultRule[], next: () => Promise<void>): Promise<void> {
  for (const rule of rules) await rule.before?.()
  const fault = rules.find(changesAnswer)
  if (fault) await change(c, fault, next)
  else await next()
  for (const rule of rules) await rule.afterwards?.()
  await fault?.holdUntil
  if (fault) await spoil(c, fault)
}

async function change(c: Context<SimulatorEnv>, fault: FaultRule, next: () => Promise<void>): Promise<void> {
  if (fault.delayMs) await wait(fault.delayMs, undefined, { ref: false })
  c.set('rewriteParts', fault.rewriteParts)
  const answers = fault.status !== undefined || fault.body !== undefined
  if (fault.after || (!answers && !fault.reset && !fault.hang)) await next()
  if (fault.rewriteJson && c.res.ok) {
    const { status, headers } = c.res
    const rewritten = JSON.stringify(fault.rewriteJson(await c.res.json()))
    c.res = undefined
    c.res = new Response(rewritten, { status, headers })
  }
  if (!answers) return
  const plain = typeof fault.body === 'string' || fault.body instanceof Uint8Array
  const body = plain ? (fault.body as string) : fault.body === undefined ? '' : JSON.stringify(fault.body)
  c.res = undefined // or the headers of the real answer would be merged in
  c.res = new Response(body, {
    status: fault.status ?? 200,
    headers: { 'content-type': plain ? 'text/plain' : 'application/json; charset=UTF-8', ...fault.headers },
  })
}

async function spoil(c: Context<SimulatorEnv>, { hang, reset, gzip, truncateBytes, truncateQuietly }: FaultRule): Promise<void> {
  if (hang && !c.env.incoming.socket.destroyed) await once(c.env.incoming.socket, 'close')
  if (hang) return answered(c)
  if (reset) {
    c.env.incoming.socket.resetAndDestroy()
    return answered(c)
  }
  if (!gzip && truncateBytes === undefined) return
  const whole = Buffer.from(await c.res.arrayBuffer())
  const body = gzip ? gzipSync(whole) : whole
  const headers = { ...Object.fromEntries(c.res.headers), ...(gzip && { 'content-encoding': 'gzip' }), 'content-length': String(body.length) }
  const { status } = c.res
  const quietly = truncateQuietly || truncateBytes === undefined || c.env.part !== undefined
  const left = body.subarray(0, truncateBytes ?? body.length)
  c.res = undefined
  if (quietly) c.res = new Response(left, { status, headers: { ...headers, 'content-length': String(left.length) } })
  else {
    c.env.outgoing.writeHead(status, headers)
    await new Promise<void>((resolve) => void c.env.outgoing.write(left, () => resolve()))
    c.env.outgoing.destroy()
    answered(c)
  }
}

function answered(c: Context<SimulatorEnv>): void {
  c.res = undefined
  c.res = RESPONSE_ALREADY_SENT
}
