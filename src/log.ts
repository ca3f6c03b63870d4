import { type Logger, pino } from 'pino'
import type { Config } from './config.ts'

/** The log: JSON lines of ids and counts on stderr; what could hold personal data or a secret is cut out. */
export function createLog(config: Pick<Config, 'logLevel'>): Logger {
  return pino(
    {
      level: config.logLevel,
      redact: {
        paths: ['*.authorization', '*.cookie', '*.token', '*.refresh_token', '*.access_token', '*.id_token', 'err.config', 'err.response'],
        remove: true,
      },
    },
    pino.destination(2),
  )
}
