import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Place } from './place.ts'

/** So many connections each server may have: what Kith takes where nothing is said. */
export const maxConnections = 10

/** Kith's settings as in production, but for a cost limit that the load does not reach. Nothing of ours is a secret here. */
export function kithEnvironment(place: Place, port: number): Record<string, string> {
  return {
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    PUBLIC_URL: 'https://kith.example.org',
    DATABASE_URL: place.databaseUrl,
    KEYS_DATABASE_URL: place.keysUrl,
    KITH_DATA_DIR: join(place.directory, 'files'),
    KITH_MASTER_KEY: createHash('sha256').update('a master key for measurements').digest('hex'),
    GOOGLE_CLIENT_ID: 'bench.apps.googleusercontent.test',
    GOOGLE_CLIENT_SECRET: 'bench',
    SMTP_URL: 'smtp://127.0.0.1:9',
    KITH_CONTROLLER_NAME: 'Bench',
    KITH_CONTROLLER_ADDRESS: 'Harbour Road 1, Hamburg',
    KITH_CONTROLLER_EMAIL: 'privacy@example.test',
    KITH_CONTROLLER_COUNTRY: 'DE',
    KITH_SUPERVISORY_AUTHORITY: 'None',
    KITH_PROCESSING_COUNTRIES: 'DE',
    KITH_COST_CAPACITY: '100000000',
    KITH_COST_RESTORE: '10000000',
    KITH_MAX_CONNECTIONS: String(maxConnections),
    KITH_LOG_LEVEL: 'info',
  }
}
