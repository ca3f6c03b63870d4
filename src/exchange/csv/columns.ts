/** The lists a numbered column can belong to. */
export type ListName = 'email' | 'phone' | 'address' | 'organization' | 'url' | 'date' | 'relation' | 'custom' | 'im'

/** What a column holds: a single value, a part of a list's entry, or what no part of a contact is called. */
export type Column =
  | { kind: 'single'; name: string; header: string }
  | { kind: 'part'; list: ListName; entry: string; part: string; header: string; label?: string | undefined; isLast: boolean }
  | { kind: 'other'; header: string }

/** The parts of each list by the names that Google, old and new, and our own export give them. */
const listParts: Record<ListName, Record<string, string>> = {
  email: { value: 'value', type: 'label', label: 'label' },
  phone: { value: 'value', type: 'label', label: 'label' },
  address: {
    type: 'label',
    label: 'label',
    formatted: 'formatted',
    street: 'street',
    'extended address': 'extended',
    'po box': 'poBox',
    city: 'city',
    region: 'region',
    'postal code': 'postalCode',
    country: 'country',
    'country code': 'countryCode',
  },
  organization: { name: 'name', title: 'title', department: 'department' },
  url: { value: 'value', type: 'label', label: 'label' },
  date: { value: 'value', type: 'label', label: 'label', kind: 'kind' },
  relation: { value: 'value', type: 'label', label: 'label' },
  custom: { value: 'value', type: 'label', label: 'label' },
  im: { value: 'value', service: 'service', type: 'label', label: 'label' },
}

const listNames: Record<string, ListName> = {
  'e-mail': 'email',
  email: 'email',
  phone: 'phone',
  address: 'address',
  organization: 'organization',
  website: 'url',
  event: 'date',
  relation: 'relation',
  'custom field': 'custom',
  im: 'im',
}

/** Columns of one value, by all the names they go by. */
const singles: Record<string, string[]> = {
  displayName: ['display name', 'name', 'full name'],
  prefix: ['name prefix', 'prefix'],
  given: ['first name', 'given name', 'forename'],
  middle: ['middle name', 'additional name'],
  family: ['last name', 'family name', 'surname'],
  suffix: ['name suffix', 'suffix'],
  nickname: ['nickname'],
  phoneticGiven: ['phonetic first name', 'given name yomi', 'given yomi'],
  phoneticFamily: ['phonetic last name', 'family name yomi', 'surname yomi'],
  about: ['notes', 'note', 'comments'],
  starred: ['starred'],
  labels: ['labels', 'group membership', 'tags', 'groups'],
  categories: ['categories'],
  photo: ['photo'],
  uid: ['uid'],
  birthday: ['birthday', 'date of birth'],
  anniversary: ['anniversary'],
  spouse: ['spouse'],
  children: ['children'],
  manager: ["manager's name"],
  assistant: ["assistant's name"],
  referrer: ['referred by'],
}

/** Columns of Outlook and of simple lists that are one part of one entry: list, entry, part, label. */
const parts: Record<string, [ListName, string, string, string?]> = {
  'e-mail address': ['email', '1', 'value'],
  'e-mail 2 address': ['email', '2', 'value'],
  'e-mail 3 address': ['email', '3', 'value'],
  'email address': ['email', '1', 'value'],
  'e-mail': ['email', '1', 'value'],
  email: ['email', '1', 'value'],
  mail: ['email', '1', 'value'],
  phone: ['phone', 'phone', 'value'],
  'phone number': ['phone', 'phone', 'value'],
  telephone: ['phone', 'phone', 'value'],
  mobile: ['phone', 'mobile', 'value', 'mobile'],
  'primary phone': ['phone', 'primary', 'value', '*'],
  'business phone': ['phone', 'business', 'value', 'work'],
  'business phone 2': ['phone', 'business 2', 'value', 'work'],
  'home phone': ['phone', 'home', 'value', 'home'],
  'home phone 2': ['phone', 'home 2', 'value', 'home'],
  'mobile phone': ['phone', 'mobile', 'value', 'mobile'],
  'other phone': ['phone', 'other', 'value', 'other'],
  'business fax': ['phone', 'business fax', 'value', 'work fax'],
  'home fax': ['phone', 'home fax', 'value', 'home fax'],
  'other fax': ['phone', 'other fax', 'value', 'other fax'],
  pager: ['phone', 'pager', 'value', 'pager'],
  'car phone': ['phone', 'car', 'value', 'car'],
  'radio phone': ['phone', 'radio', 'value', 'radio'],
  callback: ['phone', 'callback', 'value', 'callback'],
  'company main phone': ['phone', 'main', 'value', 'main'],
  "assistant's phone": ['phone', 'assistant', 'value', 'assistant'],
  isdn: ['phone', 'isdn', 'value', 'isdn'],
  telex: ['phone', 'telex', 'value', 'telex'],
  'tty/tdd phone': ['phone', 'tty', 'value', 'tty'],
  company: ['organization', '1', 'name'],
  organization: ['organization', '1', 'name'],
  'organization name': ['organization', '1', 'name'],
  'organization title': ['organization', '1', 'title'],
  'organization department': ['organization', '1', 'department'],
  'job title': ['organization', '1', 'title'],
  position: ['organization', '1', 'title'],
  department: ['organization', '1', 'department'],
  'web page': ['url', 'web page', 'value'],
  'personal web page': ['url', 'personal', 'value', 'home'],
  website: ['url', 'web page', 'value'],
  url: ['url', 'web page', 'value'],
  address: ['address', 'address', 'street'],
  city: ['address', 'address', 'city'],
  state: ['address', 'address', 'region'],
  zip: ['address', 'address', 'postalCode'],
  'postal code': ['address', 'address', 'postalCode'],
  country: ['address', 'address', 'country'],
}

const outlookPlaces: Record<string, string> = { business: 'work', home: 'home', other: 'other' }
const outlookAddress: Record<string, string> = {
  street: 'street',
  'street 2': 'street2',
  'street 3': 'street3',
  city: 'city',
  state: 'region',
  'postal code': 'postalCode',
  country: 'country',
  'country/region': 'country',
  'address po box': 'poBox',
}

const singleNames = new Map(Object.entries(singles).flatMap(([name, headers]) => headers.map((header) => [header, name] as const)))

/** What each column of a file holds, going by the names in its first line. */
export function columnsOf(headers: string[]): Column[] {
  const known = headers.map((header) => header.trim().replace(/\s+/g, ' ').replaceAll('’', "'").toLowerCase())
  const isOutlook = known.includes('job title') || known.includes('e-mail address')
  const columns = known.map((name, at) => columnOf(name, (headers[at] ?? '').trim() || `Column ${at + 1}`, isOutlook))
  const last = new Map<ListName, string>()
  for (const column of columns) if (column.kind === 'part' && !(Number(column.entry) < Number(last.get(column.list)))) last.set(column.list, column.entry)
  for (const column of columns) if (column.kind === 'part') column.isLast = last.get(column.list) === column.entry
  return columns
}

function columnOf(name: string, header: string, isOutlook: boolean): Column {
  // Outlook calls a name's prefix a title; everybody else a job.
  if (name === 'title')
    return isOutlook ? { kind: 'single', name: 'prefix', header } : { kind: 'part', list: 'organization', entry: '1', part: 'title', header, isLast: false }
  const single = singleNames.get(name)
  if (single !== undefined) return { kind: 'single', name: single, header }
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined
  if (part) return { kind: 'part', list: part[0], entry: part[1], part: part[2], label: part[3], header, isLast: false }
  return numbered(name, header) ?? outlookAddressColumn(name, header) ?? { kind: 'other', header }
}

function numbered(name: string, header: string): Column | undefined {
  const [, written = '', entry = '', part = ''] =
    /^(e-?mail|phone|address|im|organization|relation|website|event|custom field) (\d{1,4}) - (.+)$/.exec(name) ?? []
  const list = listNames[written]
  if (!list) return undefined
  const known = Object.hasOwn(listParts[list], part) ? listParts[list][part] : undefined
  return known === undefined ? undefined : { kind: 'part', list, entry, part: known, header, isLast: false }
}

function outlookAddressColumn(name: string, header: string): Column | undefined {
  const [place = '', ...rest] = name.split(' ')
  const label = Object.hasOwn(outlookPlaces, place) ? outlookPlaces[place] : undefined
  const part = Object.hasOwn(outlookAddress, rest.join(' ')) ? outlookAddress[rest.join(' ')] : undefined
  return label === undefined || part === undefined ? undefined : { kind: 'part', list: 'address', entry: place, part, label, header, isLast: false }
}
