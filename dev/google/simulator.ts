import { createAdaptorServer } from '@hono/node-server'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { restoreSettings } from './admin/settings.ts'
import { createSimulatorApp } from './app.ts'
import { createChannels, type Channels, type Notification } from './calendar/channels.ts'
import { demoWorld } from './demo/world.ts'
import { createFaults, type Faults } from './faults.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { demoClient, type OAuthClient } from './oauth/clients.ts'
import { giveConsent, type Consent } from './oauth/consent.ts'
import { createSigningKeys, type SigningKeys } from './oauth/keys.ts'
import { readScopes } from './oauth/scopes.ts'
import { createTokenStore, type TokenStore } from './oauth/tokens.ts'
import type { Settings, Simulation } from './simulation.ts'
import { replaceWorld, type World } from './world.ts'

/** Everything has a default: a free port, the machine's clock, the demo world, the demo client. */
export interface SimulatorOptions {
  port?: number
  clock?: Clock
  seed?: string
  /** The world, or how to make it: only then can it be reset. */
  world?: World | (() => World)
  clients?: readonly OAuthClient[]
  /** Lifetime of access tokens. Default 3599, as Google's. */
  accessTokenSeconds?: number
  /** E-mail address of an account that agrees to everything without a page. */
  autoApprove?: string
  /** Send notifications this often, real milliseconds. Default: only when told to. */
  deliverEveryMs?: number
}

/** A running Google. */
export interface GoogleSimulator {
  /** e.g. `http://127.0.0.1:4400`; no slash at the end. */
  readonly origin: string
  /** The first registered client. */
  readonly client: OAuthClient
  readonly world: World
  readonly ledger: Ledger
  readonly faults: Faults
  readonly settings: Settings
  readonly keys: SigningKeys
  /** Grants and tokens: `revokeAccount`, `withdrawScopes`, `expireAccessTokens` do what an owner or time may do. */
  readonly tokens: TokenStore
  /** Goes through the pages as a person would and returns the address the browser is sent back to. */
  consent(authorizationUrl: string, consent: Consent): Promise<URL>
  /** An authorization code without any page. Scopes default to openid, email and profile. */
  issueCode(request: IssueCode): string
  /** Live tokens without any exchange, as a connected application holds them. */
  issueTokens(request: { account: string; scopes?: readonly string[] }): { accessToken: string; refreshToken: string }
  /** The notification channels that are open. */
  readonly channels: Channels
  /** Sends to the channels what they have not been told yet. Nothing is sent otherwise, unless `deliverEveryMs` is set. */
  deliverNotifications(): Promise<Notification[]>
  close(): Promise<void>
}

/** What a code is for. */
export interface IssueCode {
  /** E-mail address or sub. */
  account: string
  redirectUri: string
  scopes?: readonly string[]
  nonce?: string
  /** S256. */
  codeChallenge?: string
  offline?: boolean
}

/** Starts a Google on the loopback interface, all in memory. */
export async function startGoogleSimulator(options: SimulatorOptions = {}): Promise<GoogleSimulator> {
  const clock = options.clock ?? systemClock
  const seed = options.seed ?? 'kith'
  const makeWorld = typeof options.world === 'function' ? options.world : options.world ? null : () => demoWorld({ seed, clock })
  const world = makeWorld?.() ?? (options.world as World)
  const clients = options.clients ?? [demoClient]
  const client = clients[0]
  if (!client) throw new RangeError('a simulator needs at least one client')
  const defaults = (): Settings => ({
    autoApprove: options.autoApprove ?? null,
    accessTokenSeconds: options.accessTokenSeconds ?? 3599,
    firstPagesPerMinute: null,
    photoRedirect: 'http://127.0.0.1:9/',
    oversizedPhotoBytes: 3 * 1024 * 1024,
    calendarTokenDays: 30,
    conference: { afterGets: 0, afterSeconds: 0, outcome: 'success' },
    notifications: { drop: false, duplicate: false, reorder: false, wrongToken: false },
  })
  const settings = defaults()
  const tokens = createTokenStore({ seed, clock, world, accessTokenSeconds: () => settings.accessTokenSeconds })
  let origin = ''
  const simulation: Simulation = {
    clock,
    seed,
    world,
    clients,
    tokens,
    keys: createSigningKeys(),
    ledger: createLedger(),
    faults: createFaults(),
    settings,
    channels: createChannels({ clock, seed, settings }),
    origin: () => origin,
    reset: () => {
      if (!makeWorld) return false
      replaceWorld(world, makeWorld())
      simulation.faults.clear()
      simulation.ledger.clear()
      simulation.channels.clear()
      restoreSettings(settings, defaults())
      return true
    },
  }

  const server = createAdaptorServer({ fetch: createSimulatorApp(simulation).fetch }) as Server
  server.listen(options.port ?? 0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  const issueCode = ({ account, redirectUri, scopes = ['openid', 'email', 'profile'], nonce, codeChallenge, offline = false }: IssueCode) =>
    tokens.issueCode({
      account: world.account(account),
      clientId: client.id,
      redirectUri,
      scopes: readScopes(scopes.join(' ')).valid,
      nonce,
      challenge: codeChallenge === undefined ? undefined : { method: 'S256', value: codeChallenge },
      offline,
      consented: true,
    })
  const delivering = options.deliverEveryMs === undefined ? undefined : setInterval(() => void simulation.channels.deliver(), options.deliverEveryMs)
  const close = async () => {
    clearInterval(delivering)
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  let closed: Promise<void> | undefined
  const { ledger, faults, keys, channels } = simulation
  return {
    origin,
    client,
    world,
    ledger,
    faults,
    settings,
    keys,
    tokens,
    channels,
    deliverNotifications: () => channels.deliver(),
    consent: giveConsent,
    issueCode,
    issueTokens: ({ account, scopes }) => {
      const redirectUri = 'http://127.0.0.1/'
      const code = issueCode({ account, redirectUri, offline: true, ...(scopes && { scopes }) })
      const { access, refreshToken = '' } = tokens.redeemCode({ code, clientId: client.id, redirectUri, verifier: undefined })
      return { accessToken: access.value, refreshToken }
    },
    close: () => (closed ??= close()),
  }
}
