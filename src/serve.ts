import { once } from 'node:events'
import type { Server, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { App } from './app.ts'
import { type Config, ConfigError } from './config.ts'

/** How long clients may still come after the process was told to end, so that each learns from an answer that its connection closes, milliseconds. */
const farewellMs = 500
/** How long requests that are there may take to finish, milliseconds. */
const drainMs = 8000

/** A listening server. */
export interface Listening {
  /** Takes no more requests, and waits for the answers to those that are there. */
  drain(): Promise<void>
}

/** Listens as configured. @throws ConfigError when the address cannot be had */
export async function listen(app: App, server: Server): Promise<Listening> {
  const open = new Set<ServerResponse>()
  server.prependListener('request', (_request, response: ServerResponse) => {
    if (app.state.stopping) response.setHeader('Connection', 'close')
    open.add(response)
    response.once('close', () => open.delete(response))
  })
  const { host, port } = app.config
  server.listen({ port, host })
  try {
    await once(server, 'listening')
  } catch (error) {
    throw clash(error, app.config)
  }
  return {
    drain: async () => {
      for (const response of open) if (!response.headersSent) response.setHeader('Connection', 'close')
      await sleep(farewellMs)
      const closed = once(server, 'close')
      server.close()
      const late = setTimeout(() => server.closeAllConnections(), drainMs)
      await closed
      clearTimeout(late)
    },
  }
}

/** Finds out early whether the address can be had, before a database is started for nothing. @throws ConfigError */
export async function checkAddress(config: Config): Promise<void> {
  const probe = createServer()
  probe.listen({ port: config.port, host: config.host })
  try {
    await once(probe, 'listening')
  } catch (error) {
    throw clash(error, config)
  }
  probe.close()
  await once(probe, 'close')
}

function clash(error: unknown, { host, port }: Config): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'EADDRINUSE')
    return new ConfigError([`another program listens on port ${port} of ${host}. Stop it, or choose another port: PORT=${port + 1} npm start`])
  if (code === 'EACCES')
    return new ConfigError([`PORT ${port} is not open to this user: ports below 1024 are for root. Choose another port: PORT=4000 npm start`])
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EINVAL')
    return new ConfigError([`HOST ${host} is no address of this machine; 127.0.0.1 is reached from here only, 0.0.0.0 from everywhere`])
  return error
}
