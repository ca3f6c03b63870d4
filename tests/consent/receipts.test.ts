import { createPublicKey, verify } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { giveConsent, withdrawConsent } from '../../src/consent/service.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import type { Person, TestApp } from '../support/app.ts'
import { openBrowser, type WebApp, webApp } from '../support/web.ts'

const clock = fixedClock('2026-12-01T10:00:00Z')
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

type Keys = { kid: string; kty: string; crv: string; x: string }[]
/** The published keys, as anyone finds them. */
const publishedKeys = async (): Promise<Keys> => ((await (await openBrowser(kith.origin).open('/.well-known/jwks.json')).json()) as { keys: Keys }).keys

/** Verifies a JWS with nothing but Node and the published keys. */
function verified(jws: string, keys: Keys): boolean {
  const [header = '', payload = '', signature = ''] = jws.split('.')
  const { alg, kid } = JSON.parse(Buffer.from(header, 'base64url').toString()) as { alg: string; kid: string }
  const key = keys.find((each) => each.kid === kid)
  if (alg !== 'EdDSA' || !key) return false
  return verify(null, Buffer.from(`${header}.${payload}`), createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'))
}

async function receipt(who: Person, format: string, app: TestApp = kith) {
  const { id } = await who.ctx.db.consentRecord.findFirstOrThrow({ where: { ownerId: who.ownerId }, orderBy: { seq: 'desc' } })
  const { data, errors } = await app.graphql(
    'query ($id: ID!, $format: ConsentReceiptFormat) { consentReceipt(id: $id, format: $format) { format json jws } }',
    { id: encodeId('ConsentRecord', id), format },
    { headers: who.browser },
  )
  expect(errors).toBeUndefined()
  return { id, ...(data.consentReceipt as { json: string; jws: string }), body: JSON.parse(data.consentReceipt.json) }
}

describe('[S-40] a receipt', () => {
  test('has every field of ISO/IEC TS 27560 and can be verified by anyone, without Kith', async () => {
    const ada = await kith.signUp({ email: 'ada@example.test' })
    await giveConsent(ada.ctx, 'MARKETING', { language: 'en-GB', method: 'privacy centre' })
    const { id, json, jws, body } = await receipt(ada, 'ISO_27560')
    expect(body).toMatchObject({
      schema_version: 'ISO/IEC TS 27560:2023',
      record_id: id,
      receipt_id: id,
      processing: {
        privacy_notice: { version: '1', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
        language: 'en-GB',
        purpose: 'News about Kith by mail',
        lawful_basis: 'CONSENT',
        pii_information: ['user.contact'],
        collection_method: 'privacy centre',
        jurisdiction: 'DE',
        storage_locations: ['DE', 'FR'],
        recipient_third_parties: [],
      },
      event: { event_time: '2026-12-01T10:00:00Z', validity_duration: 'P24M', event_type: 'consent', event_state: 'GIVEN' },
    })
    const header = ['schema_version', 'record_id', 'receipt_id', 'pii_principal_id']
    const processing = ['privacy_notice', 'language', 'purpose', 'purpose_type', 'lawful_basis', 'pii_information', 'pii_controllers', 'collection_method']
    const more = ['processing_method', 'storage_locations', 'retention_period', 'processing_locations', 'geographic_restrictions', 'service', 'jurisdiction']
    const last = ['recipient_third_parties', 'withdrawal_method', 'privacy_rights', 'authority_party']
    expect(Object.keys(body)).toEqual(expect.arrayContaining([...header, 'processing', 'pii', 'parties', 'event']))
    expect(Object.keys(body.processing)).toEqual(expect.arrayContaining([...processing, ...more, ...last]))
    for (const pii of body.pii) expect(Object.keys(pii)).toEqual(expect.arrayContaining(['pii_type', 'optional', 'sensitive', 'special']))
    for (const party of body.parties) expect(Object.keys(party)).toEqual(expect.arrayContaining(['id', 'address', 'name', 'contact', 'type']))
    expect(Object.keys(body.event)).toEqual(expect.arrayContaining(['event_time', 'validity_duration', 'entity_id', 'event_type', 'event_state']))
    expect(Buffer.from(jws.split('.')[1]!, 'base64url').toString()).toBe(json)
    const keys = await publishedKeys()
    expect(verified(jws, keys)).toBe(true)
    const [head, , signature] = jws.split('.')
    const forged = Buffer.from(json.replace('"GIVEN"', '"REFUSED"')).toString('base64url')
    expect(verified(`${head}.${forged}.${signature}`, keys)).toBe(false)
  })

  test('is written from the same entry as Kantara’s Consent Receipt 1.1', async () => {
    const ada = await kith.signUp({ email: 'bea@example.test' })
    await giveConsent(ada.ctx, 'GOOGLE_CONTACTS')
    const { id, body, jws } = await receipt(ada, 'KANTARA_1_1')
    expect(body).toMatchObject({
      version: 'KI-CR-v1.1.0',
      jurisdiction: 'DE',
      consentTimestamp: Date.parse('2026-12-01T10:00:00Z') / 1000,
      collectionMethod: 'UI',
      consentReceiptID: id,
      language: 'en',
      policyUrl: `${kith.origin}/privacy/policy`,
      piiControllers: [{ piiController: 'Example Controller', email: 'privacy@example.test' }],
      services: [
        {
          purposes: [
            {
              purpose: 'Importing your Google contacts',
              purposeCategory: ['GOOGLE_CONTACTS'],
              consentType: 'EXPLICIT',
              primaryPurpose: false,
              thirdPartyDisclosure: true,
              thirdPartyName: 'Google',
            },
          ],
        },
      ],
      sensitive: false,
      spiCat: [],
    })
    expect(body.piiPrincipalId).toBe((await receipt(ada, 'ISO_27560')).body.pii_principal_id)
    expect(verified(jws, await publishedKeys())).toBe(true)
  })

  test('names nobody: neither account nor address stands in it', async () => {
    const ada = await kith.signUp({ email: 'cleo@example.test' })
    await withdrawConsent(ada.ctx, 'MARKETING')
    for (const format of ['ISO_27560', 'KANTARA_1_1']) {
      const { json } = await receipt(ada, format)
      for (const name of [ada.ownerId, ada.accountId, ada.email, 'Ada']) expect(json).not.toContain(name)
    }
  })

  test('that was signed before the key changed is verified by the keys that are published after', async () => {
    const ada = await kith.signUp({ email: 'dora@example.test' })
    await giveConsent(ada.ctx, 'MARKETING')
    const before = await receipt(ada, 'ISO_27560')
    const id = await kith.app.signing.rotate()
    const after = await receipt(ada, 'ISO_27560')
    const keys = await publishedKeys()
    expect(keys[0]?.kid).toBe(id)
    expect(JSON.parse(Buffer.from(after.jws.split('.')[0]!, 'base64url').toString())).toMatchObject({ kid: id })
    expect([before, after].map(({ jws }) => verified(jws, keys))).toEqual([true, true])
    const { data } = await kith.graphql('{ signingKeys { id publicKey retiredAt } }')
    expect(data.signingKeys.map(({ id: kid, publicKey }: { id: string; publicKey: string }) => [kid, publicKey])).toEqual(keys.map(({ kid, x }) => [kid, x]))
  })
})
