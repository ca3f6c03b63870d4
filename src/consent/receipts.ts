import type { App } from '../app.ts'
import type { Controller } from '../config.ts'
import { toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import type { ConsentRecord } from '../db/generated/prisma/client.ts'
import { dataMap } from '../policy/dataMap.ts'
import { type ConsentPurpose, type PurposeKey, purposeOf } from './purposes.ts'
import { readLedger } from './ledger.ts'

/** The forms in which a receipt is written: the fields of ISO/IEC TS 27560:2023, or Kantara's Consent Receipt 1.1. */
export const receiptFormats = ['ISO_27560', 'KANTARA_1_1'] as const
/** A form of a receipt. */
export type ReceiptFormat = (typeof receiptFormats)[number]

/** A receipt: its text, and the same signed. */
export interface Receipt {
  format: ReceiptFormat
  json: string
  /** A JWS in compact form whose payload is `json`. */
  jws: string
}

/** A receipt of one entry of the owner's ledger, as it stands: signed, for them to keep. @throws NotFoundError */
export async function receiptOf(ctx: Ctx, recordId: string, format: ReceiptFormat): Promise<Receipt> {
  const record = (await readLedger(ctx)).find(({ id }) => id === recordId)
  const purpose = record && purposeOf(record.purpose)
  if (!record || !purpose) throw new NotFoundError()
  const facts: Facts = {
    record,
    purpose,
    categories: categoriesOf(ctx, purpose),
    controller: ctx.app.config.controller,
    origin: ctx.app.config.publicUrl,
    principal: principalOf(ctx.app, ownerOf(ctx)),
  }
  const json = JSON.stringify(format === 'ISO_27560' ? iso27560(facts) : kantara(facts, await ctx.app.signing.publicKeys()))
  return { format, json, jws: await ctx.app.signing.jws(json, format === 'ISO_27560' ? 'consent-receipt+json' : 'kantara-consent-receipt+json') }
}

/** The pseudonym under which receipts name an owner; only Kith can lead it back. */
export function principalOf(app: Pick<App, 'vault'>, ownerId: string): string {
  return app.vault.master.mac('consent receipt', ownerId).toString('base64url', 0, 16)
}

interface Facts {
  record: ConsentRecord
  purpose: ConsentPurpose & { key: PurposeKey }
  categories: string[]
  controller: Controller
  origin: string
  principal: string
}

const schemaVersion = 'ISO/IEC TS 27560:2023'
const recipientsOf = ({ purpose }: Facts): string[] => [...purpose.recipients]
const withdrawal = (origin: string) =>
  `${origin}/privacy/consents; ${origin}/graphql, consentWithdraw; by mail to the controller; or by the link in every mail that rests on the consent`

/** The fields of ISO/IEC TS 27560 by its own names, those that the GDPR makes needed among them. */
function iso27560(facts: Facts) {
  const { record, purpose, categories, controller, origin, principal } = facts
  const notice = purpose.notices.find(({ version }) => version === record.noticeVersion)
  return {
    '@context': 'https://w3id.org/dpv',
    schema_version: schemaVersion,
    record_id: record.id,
    receipt_id: record.id,
    pii_principal_id: principal,
    processing: {
      privacy_notice: {
        url: `${origin}/privacy/policy`,
        version: record.noticeVersion,
        sha256: record.noticeHash && Buffer.from(record.noticeHash).toString('hex'),
        text: notice?.text ?? null,
      },
      language: record.language ?? 'en',
      purpose: purpose.title,
      purpose_type: purpose.key,
      lawful_basis: purpose.legalBasis,
      pii_information: categories,
      pii_controllers: [controllerId],
      collection_method: record.method ?? record.source,
      processing_method: 'automated; no automated decisions',
      storage_locations: controller.processingCountries,
      retention_period: purpose.validFor ?? 'until the consent is withdrawn',
      processing_locations: controller.processingCountries,
      geographic_restrictions: controller.processingCountries,
      service: 'Kith',
      jurisdiction: controller.country,
      recipient_third_parties: recipientsOf(facts),
      withdrawal_method: withdrawal(origin),
      privacy_rights: ['access', 'rectification', 'erasure', 'restriction', 'portability', 'withdrawal of consent', 'complaint to a supervisory authority'],
      authority_party: 'authority',
    },
    pii: categories.map((category) => ({ pii_type: category, optional: true, sensitive: false, special: false })),
    parties: [
      {
        id: controllerId,
        type: 'controller',
        role: 'PII controller',
        name: controller.name,
        address: controller.address,
        country: controller.country,
        contact: controller.dpo ?? controller.email,
        email: controller.email,
        url: origin,
      },
      { id: 'authority', type: 'authority', name: controller.authority, address: controller.authority, contact: controller.authority },
    ],
    event: {
      event_time: toInstant(record.at).toString(),
      validity_duration: purpose.validFor,
      valid_until: record.validUntil && toInstant(record.validUntil).toString(),
      entity_id: principal,
      event_type: 'consent',
      event_state: record.state,
      source: record.source,
      signals: record.signals,
      sequence: record.seq,
      previous: record.previousId,
    },
  }
}

const controllerId = 'controller'

/** Kantara's Consent Receipt Specification, version 1.1.0. */
function kantara(facts: Facts, keys: Awaited<ReturnType<Ctx['app']['signing']['publicKeys']>>) {
  const { record, purpose, categories, controller, origin, principal } = facts
  const [current] = keys
  return {
    version: 'KI-CR-v1.1.0',
    jurisdiction: controller.country,
    consentTimestamp: Math.floor(record.at.getTime() / 1000),
    collectionMethod: record.method ?? record.source,
    consentReceiptID: record.id,
    ...(current ? { publicKey: Buffer.from(current.publicKey).toString('base64url') } : {}),
    language: record.language ?? 'en',
    piiPrincipalId: principal,
    piiControllers: [
      {
        piiController: controller.name,
        onBehalf: false,
        contact: controller.dpo ?? controller.name,
        address: { streetAddress: controller.address, addressCountry: controller.country },
        email: controller.email,
        phone: '',
        piiControllerUrl: origin,
      },
    ],
    policyUrl: `${origin}/privacy/policy`,
    services: [
      {
        service: 'Kith',
        purposes: [
          {
            purpose: purpose.title,
            purposeCategory: [purpose.key],
            consentType: record.state === 'GIVEN' || record.state === 'RENEWED' ? 'EXPLICIT' : record.state,
            piiCategory: categories,
            primaryPurpose: purpose.required,
            termination: purpose.validFor ?? withdrawal(origin),
            thirdPartyDisclosure: purpose.recipients.length > 0,
            thirdPartyName: purpose.recipients.join(', '),
          },
        ],
      },
    ],
    sensitive: false,
    spiCat: [],
  }
}

/** The categories of data that the policies let a purpose use. */
function categoriesOf(ctx: Ctx, { permits }: ConsentPurpose): string[] {
  const columns = dataMap(ctx.app.policies).flatMap((model) => model.columns)
  const used = columns.filter(({ purposes, category }) => !category.startsWith('system.') && purposes.some((each) => permits.includes(each)))
  return [...new Set(used.map(({ category }) => category))].toSorted()
}
