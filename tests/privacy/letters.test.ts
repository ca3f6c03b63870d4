import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { submit, submitOpenly, verify, followToken } from '../../src/privacy/service.ts'
import { letterLanguageOf, requestTypes } from '../../src/privacy/vocabulary.ts'
import { wordings } from '../../src/privacy/wording.ts'
import { complaintRoute, noBasis, notProven, remedyRoute } from '../../src/privacy/decision.ts'
import { type Person, testApp } from '../support/app.ts'
import { codeIn, type Kith } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 24 * 3 })
  ada = await kith.signUp({ locale: 'de-AT' })
})

const lettersTo = (address: string) => kith.mails.filter(({ to }) => to === address).map(({ subject, text }) => `${subject}\n${text}`)

describe('letters are written in the language that somebody asked in', () => {
  test('[S-24] an account’s holder gets theirs as their account says, or as the page was that they asked on', async () => {
    await submit(ada.ctx, { type: 'OBJECTION', purpose: 'CRM' })
    await kith.runJobs()
    const letters = lettersTo(ada.email)
    expect(letters).toHaveLength(2)
    expect(letters.join('\n')).toMatch(
      /Wir haben Ihre Anfrage[\s\S]*Juli 2026[\s\S]*Nicht bewilligt: alles\. Diese Verwendung beruht[\s\S]*Datenschutzbehörde[\s\S]*vor Gericht/,
    )
    for (const english of ['You have', 'We ', 'everything', 'complain']) expect(letters.join('\n')).not.toContain(english)
    await submit(ada.ctx, { type: 'COMPLAINT', text: 'x y z' }, 'en')
    await kith.runJobs()
    expect(lettersTo(ada.email).at(-1)).toContain('We have your request')
  })

  test('[S-24] somebody without an account gets code and answer in the language of the form', async () => {
    const address = 'fremd@example.test'
    const { id } = await submitOpenly(ada.ctx, { type: 'ACCESS_CATEGORIES', address, regime: 'GDPR', submissionKey: 'k'.repeat(20) }, 'de')
    // The same form read in another language is the same request.
    expect((await submitOpenly(ada.ctx, { type: 'ACCESS_CATEGORIES', address, regime: 'GDPR', submissionKey: 'k'.repeat(20) }, 'en')).id).toBe(id)
    await kith.runJobs()
    await verify(ada.ctx, followToken(kith.app, id), codeIn(kith, address))
    await kith.runJobs()
    expect(lettersTo(address).join('\n')).toMatch(/Ihr Code lautet \d{8}/)
    expect(lettersTo(address).join('\n')).not.toMatch(/Your|We have/)
  })

  test('[S-24] every letter is there in every language, and none is the other’s', () => {
    const at = new Date('2026-07-01T22:00:00Z')
    const { en, de } = wordings
    for (const type of requestTypes) {
      const request = { id: 'x'.repeat(36), type, dueAt: at, requiredLevel: 2, provenLevel: 0 }
      const each = ({ acknowledgement, done, extension, liftNotice, warning }: typeof en) => [
        acknowledgement(request, null, 'UTC'),
        acknowledgement({ ...request, requiredLevel: 1 }, 'https://x.example', 'UTC'),
        done(request, null),
        done(request, 'https://x.example'),
        extension(request, '–', 'UTC'),
        liftNotice(request, Temporal.PlainDate.from('2026-07-01'), '–'),
        warning(request, true, '', 'UTC'),
      ]
      for (const [index, letter] of each(en).entries()) {
        const other = each(de)[index]
        expect(letter.subject).not.toBe(other?.subject)
        expect(letter.text).not.toBe(other?.text)
        expect(`${other?.subject}${other?.text}`).not.toMatch(/\b(Your?|the|is|and)\b/)
      }
    }
    for (const sentence of [complaintRoute, remedyRoute, notProven, noBasis]) {
      expect(en.say(sentence)).toBe(sentence)
      expect(de.say(sentence)).not.toBe(sentence)
    }
    expect(de.say('Written by an officer.')).toBe('Written by an officer.')
    expect([letterLanguageOf('de-CH'), letterLanguageOf('de'), letterLanguageOf('del'), letterLanguageOf('sv'), letterLanguageOf(null)]).toEqual([
      'de',
      'de',
      'en',
      'en',
      'en',
    ])
  })
})
