import type { Restoring } from '../archive/service.ts'
import { updateAccount } from './service.ts'

/** How an account comes back from an archive: its settings. Whose it is stays as it is: name and address come from the sign-in. */
export const restores: readonly Restoring[] = [
  {
    model: 'Account',
    adopt: async (tx, { locale, timeZone, region, sendTime, weeklyDigest }) => {
      await updateAccount(tx, { locale, timeZone, region, sendTime, weeklyDigest } as Parameters<typeof updateAccount>[1])
    },
  },
]
