import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { policyFacts } from '../../src/policies/service.ts'
import { policies } from '../../src/domains.ts'
import { processingRecord } from '../../src/policy/processing.ts'
import { testConfig } from '../support/app.ts'

const src = new URL('../../src/', import.meta.url)

/** Every file that speaks to another machine of its own accord, and to whom, as the privacy policy names them. The database is Kith's own. */
const speakers: Record<string, string> = {
  'blobs.ts': 'The provider of the S3 storage',
  'calendar/api.ts': 'Google',
  'commands/doctor.ts': 'The mail provider at mail.example.org',
  'commands/simulator.ts': 'Google',
  'deliveries/mailer.ts': 'The mail provider at mail.example.org',
  'gmail/api.ts': 'Google',
  'gmail/fetchBatch.ts': 'Google',
  'google/client.ts': 'Google',
  'google/contacts/otherContacts.ts': 'Google',
  'google/contacts/people.ts': 'Google',
  'google/contacts/photoDownload.ts': 'Google',
}

const means = [
  /\bfetch\((?!request\))/,
  /import \{[^}]*\b(?:request|get|connect|createConnection|createSocket|Agent|WebSocket)\b[^}]*\} from 'node:(?:https?|http2|net|tls|dgram)'/,
  /import (?:\w+|\* as \w+) from 'node:(?:https?|http2|net|tls|dgram)'/,
  /^import (?!type\b).*'(?:nodemailer|undici|gaxios|google-auth-library|googleapis\/[^']+|flydrive)'/m,
  /\bnew (?:WebSocket|EventSource|XMLHttpRequest)\b|\bsendBeacon\b/,
]

test('[F-02] nothing speaks to another machine but what fetches from Google, sends mail and stores pictures', () => {
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts') && !path.startsWith('db/generated/'))
  const speaking = files.filter((path) => means.some((pattern) => pattern.test(readFileSync(new URL(path, src), 'utf8'))))
  expect(speaking.toSorted()).toEqual(Object.keys(speakers).toSorted())
})

test('[S-02] [F-32] whoever is spoken to is among the recipients that the policy names', () => {
  const config = {
    ...testConfig(''),
    google: { clientId: 'x', clientSecret: 'x' } as never,
    smtpUrl: 'smtps://mail.example.org',
    blobs: { driver: 's3' } as never,
  }
  const { recipients } = policyFacts(config, policies, Temporal.Instant.from('2027-01-01T00:00:00Z'))
  const names = recipients.map(({ name }) => name)
  for (const name of new Set(Object.values(speakers))) expect(names).toContain(name)
  // The record of processing names the same, and not the controller, who is nobody's recipient.
  expect(processingRecord(policies, config).recipients).toEqual(recipients)
  expect(names).not.toContain(config.controller.name)
})
