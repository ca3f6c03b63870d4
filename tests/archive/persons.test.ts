import { afterAll, beforeAll, expect, test } from 'vitest'
import { archiveRoutes } from '../../src/archive/routes.ts'
import { createDownloadLinkOpenly } from '../../src/archive/service.ts'
import { uploadAvatar } from '../../src/avatars/service.ts'
import { createContact } from '../../src/contacts/service.ts'
import { fixedClock, toDate } from '../../src/core/clock.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { newId } from '../../src/core/ids.ts'
import { createNote } from '../../src/notes/service.ts'
import { asController } from '../../src/privacy/controller.ts'
import { grantAll } from '../../src/privacy/decision.ts'
import { followToken } from '../../src/privacy/follow.ts'
import { happen, lockRequest } from '../../src/privacy/journal.ts'
import { submitOpenly } from '../../src/privacy/requests.ts'
import { prove, verify } from '../../src/privacy/prove.ts'
import { sendCodeForDownload } from '../../src/privacy/service.ts'
import { png } from '../avatars/pictures.ts'
import { codeIn } from '../privacy/support.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { bagFaults, recordsIn, unpack } from './support.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp & { clock: typeof clock }
beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())

test('[F-45] somebody in two address books gets one answer, with what is said of them and nothing of whose books these are', async () => {
  const [ada, bea] = [
    await kith.signUp({ email: 'owner-ada@example.test', name: 'Owner Quartz' }),
    await kith.signUp({ email: 'owner-bea@example.test', name: 'Owner Basalt' }),
  ]
  const address = 'grace@example.test'
  const grace = { emails: [{ address, label: 'work' }], phones: [{ number: '+46701234567' }] }
  const one = await createContact(ada.ctx, {
    ...grace,
    name: { given: 'Grace', family: 'Hopper' },
    about: 'secretly disliked',
    tags: ['enemies'],
    customFields: [{ name: 'debt', value: 'large' }],
    externalReference: 'ref-77',
  })
  const other = await createContact(bea.ctx, { ...grace, displayName: 'G. Hopper', organizations: [{ name: 'Navy' }] })
  const stranger = await createContact(bea.ctx, { displayName: 'Somebody Else', emails: [{ address: 'else@example.test' }] })
  await createNote(ada.ctx, { contactId: one, body: 'an opinion of hers' })
  await uploadAvatar(bea.ctx, other, png(7, 7))
  await kith.runJobs()

  const anonymous: Ctx = { app: kith.app, db: kith.app.database.prisma, clock, actor: { kind: 'anonymous' }, requestId: newId(clock) }
  const { id } = await submitOpenly(anonymous, { type: 'ACCESS', address })
  await kith.runJobs()
  const token = followToken(kith.app, id)
  await verify(anonymous, token, codeIn(kith, address))
  await asController(anonymous, 'test', async (tx) => {
    // An officer has seen a declaration and three data points, and weighed the rights of the owners.
    const request = await prove(tx, (await lockRequest(tx, id))!, 4, 'DECLARATION')
    await happen(tx, request, { event: 'approve', actor: { kind: 'SYSTEM' }, decision: grantAll, changes: { executeAt: toDate(clock.now()) } })
  })
  await kith.runJobs()

  await expect(createDownloadLinkOpenly(anonymous, token, '00000000')).rejects.toThrow('not right')
  clock.advance({ minutes: 1 })
  await sendCodeForDownload(anonymous, token)
  await kith.runJobs()
  const { url } = await createDownloadLinkOpenly(anonymous, token, codeIn(kith, address))
  const files = await unpack(Buffer.from(await (await archiveRoutes(kith.app).request(new URL(url).pathname)).arrayBuffer()))

  expect(bagFaults(files)).toEqual([])
  expect(recordsIn(files, 'Contact').map(({ displayName }) => displayName)).toEqual(['G. Hopper', 'Grace Hopper'])
  // The same in both books is said once: how many there are is not told.
  expect(recordsIn(files, 'ContactEmail')).toHaveLength(1)
  expect([...files.keys()].filter((path) => path.startsWith('data/attachments/'))).toHaveLength(1)
  const everything = [...files].map(([path, bytes]) => `${path}\n${bytes.toString('latin1')}`).join('\n')
  for (const secret of [
    ada.ownerId,
    bea.ownerId,
    one,
    other,
    stranger,
    ada.email,
    bea.email,
    'Owner Quartz',
    'Owner Basalt',
    'secretly',
    'enemies',
    'debt',
    'ref-77',
    'opinion',
    'Somebody',
  ])
    expect(everything, secret).not.toContain(secret)
  const { state } = await kith.app.database.prisma.privacyRequest.findFirstOrThrow({ where: { id } })
  expect(state).toBe('COMPLETED')
})
