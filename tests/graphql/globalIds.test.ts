import { expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { newId } from '../../src/core/ids.ts'
import { decodeId, encodeId } from '../../src/graphql/globalIds.ts'
import { nodeTypes } from '../../src/graphql/nodes.ts'
import '../../src/schema.ts'

test('an opaque id is base64url of its type and row, and comes back, whatever the type and the row', () => {
  const clock = fixedClock('2027-01-10T12:00:00Z')
  for (const typename of [...nodeTypes(), 'ContactEmail', 'Tag', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz', '0123456789'])
    for (const id of [...Array.from({ length: 200 }, () => newId(clock)), 'ffffffff-ffff-ffff-ffff-ffffffffffff']) {
      const opaque = encodeId(typename, id)
      expect(opaque).toBe(Buffer.from(`${typename}:${id}`).toString('base64url'))
      expect(decodeId(opaque)).toEqual({ typename, id })
    }
})
