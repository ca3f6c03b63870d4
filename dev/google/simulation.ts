import type { HttpBindings } from '@hono/node-server'
import type { Clock } from '../../src/core/clock.ts'
import type { Channels, NotificationSettings } from './calendar/channels.ts'
import type { ConferenceSettings } from './calendar/conference.ts'
import type { Faults } from './faults.ts'
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
  readonly channels: Channels
  /** Where the simulator listens, e.g. `http://127.0.0.1:4400`. */
  origin(): string
  /** Makes the world again, and forgets faults, ledger, channels and settings; false when it was given from outside. Tokens stay. */
  reset(): boolean
}

/** What a test may change while the simulator runs. */
export interface Settings {
  /** E-mail address of an account that agrees to everything without a page, or null to show the pages. */
  autoApprove: string | null
  /** Lifetime of access tokens issued from now on. */
  accessTokenSeconds: number
  /** First pages of full contact lists an account may read within a minute; null for any number. */
  firstPagesPerMinute: number | null
  /** Where `/photos/elsewhere` redirects to. */
  photoRedirect: string
  /** Size of `/photos/oversized`. */
  oversizedPhotoBytes: number
  /** How long a calendar's sync token lives after it was given. Google does not say. */
  calendarTokenDays: number
  conference: ConferenceSettings
  notifications: NotificationSettings
}

/** What a route tells the ledger about the request at hand, beside Node's own request and response. */
export interface SimulatorEnv {
  /** `part`: the place of a request within a batch. */
  Bindings: HttpBindings & { part?: number }
  Variables: {
    operation: string | null
    account: string | null
    /** Quota units. */
    units: number
    /** A fault wants a list to answer with an empty page. */
    emptyPage: boolean
    /** What a fault does to the parts of a batch's answer. */
    rewriteParts: ((parts: string[]) => string[]) | undefined
  }
}
