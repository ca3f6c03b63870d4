import type { HttpBindings } from '@hono/node-server'
import type { Clock } from '../../src/core/clock.ts'
import type { Faults } from './faults.ts'
import type { GmailService, GmailSettings } from './gmail/service.ts'
import type { Ledger } from './ledger.ts'
import type { OAuthClient } from './oauth/clients.ts'
import type { SigningKeys } from './oauth/keys.ts'
import type { TokenStore } from './oauth/tokens.ts'
import type { World } from './world.ts'

/** What the routes of one running simulator share. */
export interface Simulation {
  readonly clock: Clock
  readonly seed: string
  readonly world: World
  readonly clients: readonly OAuthClient[]
  readonly tokens: TokenStore
  readonly keys: SigningKeys
  readonly ledger: Ledger
  readonly faults: Faults
  readonly settings: Settings
  readonly gmail: GmailService
  /** Where the simulator listens, e.g. `http://127.0.0.1:4400`. */
  origin(): string
}

/** What a test may change while the simulator runs. */
export interface Settings {
  /** E-mail address of an account that agrees to everything without a page, or null to show the pages. */
  autoApprove: string | null
  /** Lifetime of access tokens issued from now on. */
  accessTokenSeconds: number
  readonly gmail: GmailSettings
}

/** What a route tells the ledger about the request at hand, beside Node's own request and response. */
export interface SimulatorEnv {
  /** `part`: the place of a request within a batch. */
  Bindings: HttpBindings & { part?: number }
  Variables: {
    operation: string | null
    account: string | null
    /** Gmail's quota units. */
    units: number
    /** What a fault does to the parts of a batch's answer. */
    rewriteParts: ((parts: string[]) => string[]) | undefined
  }
}
