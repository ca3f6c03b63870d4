import type { Config, Secrets } from '../config.ts'

/** Google's endpoints as this server uses them; one origin switches all of them to the simulator. */
export interface GoogleClient {
  readonly origin: string | null
}

/** The client for the configured Google, or the simulator's origin. */
export function createGoogleClient(config: Config, _secrets: Secrets): GoogleClient {
  return { origin: config.google?.origin ?? null }
}
