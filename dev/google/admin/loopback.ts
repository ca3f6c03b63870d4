import type { MiddlewareHandler } from 'hono'
import { ApiError } from '../errors.ts'
import type { SimulatorEnv } from '../simulation.ts'

const names = new Set(['127.0.0.1', 'localhost', '[::1]'])

/**
 * Lets only this machine in: the peer must be on the loopback interface, and so must the name it was called by, or a page that a browser here
 * shows could reach it through a name of its own. Pages of other origins are refused as well.
 */
export const loopbackOnly: MiddlewareHandler<SimulatorEnv> = async (c, next) => {
  const peer = c.env.incoming.socket.remoteAddress ?? ''
  const origin = c.req.header('origin')
  const isHere = /^(127\.|::1$|::ffff:127\.)/.test(peer) && isLoopback(`http://${c.req.header('host') ?? ''}`) && (origin === undefined || isLoopback(origin))
  if (!isHere) throw new ApiError(403, 'PERMISSION_DENIED', 'The admin side answers on the loopback interface only.')
  await next()
}

function isLoopback(address: string): boolean {
  return URL.canParse(address) && names.has(new URL(address).hostname)
}
