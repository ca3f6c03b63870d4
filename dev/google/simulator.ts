import { createAdaptorServer } from '@hono/node-server'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, type Clock } from '../../src/core/clock.ts'
import { createSimulatorApp } from './app.ts'
import { demoWorld } from './demo/world.ts'
import { createFaults, type Faults } from './faults.ts'
import type { Delivery, Pushes } from './gmail/push.ts'
import { createGmailService, gmailSettings } from './gmail/service.ts'
import { createLedger, type Ledger } from './ledger.ts'
import { demoClient, type OAuthClient } from './oauth/clients.ts'
import { giveConsent, type Consent } from './oauth/consent.ts'
import { createSigningKeys, type SigningKeys } from './oauth/keys.ts'
import { readScopes } from './oauth/scopes.ts'
import { createTokenStore, type TokenStore } from './oauth/tokens.ts'
import type { Settings, Simulation } from './simulation.ts'
import type { World } from './world.ts'

/** Everything has a default: a free port, the machine's clock, the demo world, the demo client. */
export interface SimulatorOptions {
  port?: number
  clock?: Clock
  seed?: string
  world?: World
  clients?: readonly OAuthClient[]
  /** Lifetime of access tokens. Default 3599, as Google's. */
  accessTokenSeconds?: number
  /** E-mail address of an account that agrees to everything without a page. */
  autoApprove?: string
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
  /** Gmail's pushes: `publish` makes one that no change has made. */
  readonly pushes: Pushes
  /** Sends the pushes that are due to `settings.gmail.push.endpoint`. */
  deliverPushes(): Promise<Delivery[]>
  /** Goes through the pages as a person would and returns the address the browser is sent back to. */
  consent(authorizationUrl: string, consent: Consent): Promise<URL>
  /** An authorization code without any page. Scopes default to openid, email and profile. */
  issueCode(request: IssueCode): string
  /** Live tokens without any exchange, as a connected application holds them. */
  issueTokens(request: { account: string; scopes?: readonly string[] }): { accessToken: string; refreshToken: string }
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
  const world = options.world ?? demoWorld({ seed, clock })
  const clients = options.clients ?? [demoClient]
  const client = clients[0]
  if (!client) throw new RangeError('a simulator needs at least one client')
  const settings: Settings = { autoApprove: options.autoApprove ?? null, accessTokenSeconds: options.accessTokenSeconds ?? 3599, gmail: gmailSettings() }
  const tokens = createTokenStore({ seed, clock, world, accessTokenSeconds: () => settings.accessTokenSeconds })
  const keys = createSigningKeys()
  const gmail = createGmailService({ clock, keys, settings: settings.gmail })
  let origin = ''
  const simulation: Simulation = {
    clock,
    seed,
    world,
    clients,
    tokens,
    keys,
    ledger: createLedger(),
    faults: createFaults(),
    settings,
    gmail,
    origin: () => origin,
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
  const close = async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  let closed: Promise<void> | undefined
  const { ledger, faults } = simulation
  return {
    origin,
    client,
    world,
    ledger,
    faults,
    settings,
    keys,
    tokens,
    pushes: gmail.pushes,
    deliverPushes: () => gmail.pushes.deliver(),
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
