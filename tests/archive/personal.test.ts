import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { policies } from '../../src/domains.ts'
import { nodeTypes } from '../../src/graphql/nodes.ts'
import { dataMap } from '../../src/policy/dataMap.ts'
import { personalOf } from '../../src/policy/personal.ts'
import { answering } from '../../src/policy/schema-personal.ts'
import { processingActivities } from '../../src/policy/processing.ts'
import { schema } from '../../src/schema.ts'
import { type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
beforeAll(async () => {
  kith = await testApp({ clock: fixedClock('2026-05-04T10:00:00Z') })
})
afterAll(() => kith.close())

test('[S-33] every thing that the API has an id for says why it is held, from where, and until when', () => {
  // A merge is undone by its id and read by nobody; an event that Kith puts into a calendar is Google's from then on.
  const merge = new Set(['ContactMerge', 'CalendarEvent'])
  for (const type of nodeTypes().filter((name) => !merge.has(name)))
    expect(Object.keys((schema.getType(type) as { getFields(): object } | undefined)?.getFields() ?? {}), type).toContain('processing')
  expect(answering.length).toBeGreaterThan(8)
})

test('[S-33] a contact in the bin is deleted thirty days later, one outside with the account', async () => {
  const row = { source: undefined, deletedAt: null }
  expect(personalOf(policies.Contact, row)).toMatchObject({ legalBasis: 'CONTRACT', purposes: ['CRM'], source: 'OWNER', deleteAfter: null })
  const binned = personalOf(policies.Contact, { ...row, deletedAt: new Date('2026-05-04T10:00:00Z') })
  expect(String(binned.deleteAfter)).toBe('2026-06-03T10:00:00Z')
  expect(personalOf(policies.Interaction, { source: 'GMAIL' }).source).toBe('GMAIL')
})

test('[S-33] the API answers of a session when it goes', async () => {
  const who = await kith.signUp()
  const { data, errors } = await kith.graphql(
    '{ viewer { processing { legalBasis purposes source deleteAfter } sessions { processing { deleteAfter } } } }',
    {},
    { headers: who.browser },
  )
  expect(errors, JSON.stringify(errors)).toBeUndefined()
  expect(data.viewer.processing).toMatchObject({ legalBasis: 'CONTRACT', deleteAfter: null })
  expect(data.viewer.sessions.length).toBeGreaterThan(0)
  for (const session of data.viewer.sessions) expect(session.processing.deleteAfter).toBe('2026-05-18T10:00:00.000Z')
})

test('[S-14] the record of processing says of every purpose of every column on what ground, whose, what kind and how long, to anybody who asks', async () => {
  const personal = dataMap(policies).flatMap(({ columns }) => columns.filter(({ subject }) => subject !== 'NOBODY'))
  const activities = processingActivities(policies)
  expect(activities.map(({ purpose }) => purpose)).toEqual([...new Set(personal.flatMap(({ purposes }) => purposes))].toSorted())
  expect(activities.length).toBeGreaterThan(4)
  for (const activity of activities) {
    for (const list of [activity.legalBases, activity.subjects, activity.models, activity.kept]) expect(list.length, activity.purpose).toBeGreaterThan(0)
    expect(activity.about, activity.purpose).not.toBe(activity.purpose)
  }
  const { data, errors } = await kith.graphql(
    '{ processingRecord { controller supervisoryAuthority activities { purpose legalBases } recipients { name where } transfers measures } }',
  )
  expect(errors).toBeUndefined()
  expect(data.processingRecord.activities).toHaveLength(activities.length)
  expect(data.processingRecord.controller).toContain('Example Controller')
})
