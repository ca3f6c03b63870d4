import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

/** Of an error its kind, code and place. Databases put the values at fault into details and Prisma whole inputs into messages: neither is kept. */
export function bareError(error: unknown): object {
  if (!(error instanceof Error)) return { type: typeof error }
  const { code } = error as { code?: unknown }
  const message = error.name.startsWith('Prisma') ? (error.message.trim().split('\n').at(-1) ?? '') : error.message
  return {
    type: error.name,
    message,
    ...(typeof code === 'string' ? { code } : {}),
    stack: (error.stack ?? '')
      .split('\n')
      .filter((line) => line.startsWith('    at '))
      .join('\n'),
  }
}

/** The log: JSON lines of ids and counts on stderr; what could hold personal data or a secret is cut out. */
export function createLog(config: Pick<Config, 'logLevel'>): Logger {
  return pino(
    {
      level: config.logLevel,
      serializers: { err: bareError },
      redact: {
        paths: ['*.authorization', '*.cookie', '*.token', '*.refresh_token', '*.access_token', '*.id_token', 'err.config', 'err.response'],
        remove: true,
      },
    },
    pino.destination(2),
  )
}
