import { given } from '../../contacts/draft.ts'
import { parsePartialDate } from '../../core/partialDate.ts'
import { addDate, addNickname, addRelation, oneLine, type Reading } from './reading.ts'
import { splitEscaped } from './text.ts'

// The numbers of Android's ContactsContract.CommonDataKinds; 0 is a label of the user's own, in the field after it.
const eventKinds: Record<string, 'ANNIVERSARY' | 'BIRTHDAY' | 'OTHER'> = {
  '1': 'ANNIVERSARY',
  '2': 'OTHER',
  '3': 'BIRTHDAY',
}
const relationKinds = [
  '',
  'assistant',
  'brother',
  'child',
  'domestic partner',
  'father',
  'friend',
  'manager',
  'mother',
  'parent',
  'partner',
  'referred by',
  'relative',
  'sister',
  'spouse',
]

/** Reads X-ANDROID-CUSTOM, in which Android keeps what vCard 2.1 and 3.0 have no word for. False if it is none of what the model knows. */
export function readAndroidCustom(reading: Reading, value: string): boolean {
  const [type = '', first = '', second = '', third = ''] = splitEscaped(value, ';').map(oneLine)
  switch (type.slice(type.lastIndexOf('/') + 1).toLowerCase()) {
    case 'nickname':
      if (first === '') return false
      addNickname(reading, first)
      return true
    case 'contact_event': {
      const date = parsePartialDate(first)
      if (!date) return false
      addDate(reading, { kind: eventKinds[second] ?? 'OTHER', ...given('label', third), date }, true)
      return true
    }
    case 'relation':
      if (first === '') return false
      addRelation(reading, { name: first, ...given('kind', relationKinds[Number(second)] || third) }, true)
      return true
    default:
      return false
  }
}
