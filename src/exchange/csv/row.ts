import { emptyDraft, given, type ContactDraft, type DraftAddress, type DraftDateKind, type DraftName } from '../../contacts/draft.ts'
import { parseLabel, parseList, splitList } from './cells.ts'
import type { Column, ListName } from './columns.ts'
import { parseCsvDate } from './dates.ts'

/** One entry of a list while its cells are gathered. */
interface Entry {
  list: ListName
  header: string
  /** Each cell may hold several values, of as many entries. */
  isList: boolean
  cells: Map<string, string>
}

/** How the cells of a file are meant. */
export interface CsvDialect {
  columns: Column[]
  /** Our own export: only the last entry of a list holds several values a cell, and they are escaped. */
  isOwn: boolean
  /** 3/4/1980 is the third of April. */
  dayFirst: boolean
}

/** Makes a contact of a line's cells (trimmed, in their columns' order). What no part of a contact is called becomes a custom field. */
export function draftOfCells(cells: string[], dialect: CsvDialect): ContactDraft {
  const draft = emptyDraft()
  const entries = new Map<string, Entry>()
  for (const [at, cell] of cells.entries()) {
    if (cell === '') continue
    const column: Column = dialect.columns[at] ?? { kind: 'other', header: `Column ${at + 1}` }
    if (column.kind === 'part') {
      const key = `${column.list} ${column.entry}`
      const entry: Entry = entries.get(key) ?? { list: column.list, header: column.header, isList: !dialect.isOwn || column.isLast, cells: new Map() }
      if (column.label !== undefined && !entry.cells.has('label')) entry.cells.set('label', column.label)
      entry.cells.set(column.part, cell)
      entries.set(key, entry)
    } else if (column.kind === 'other' || !putSingle(draft, column.name, cell, dialect)) addCustom(draft, column.header, cell)
  }
  for (const entry of entries.values()) for (const cells of severalOf(entry, dialect)) putEntry(draft, entry, cells, dialect)
  keepOnePrimary(draft.emails)
  keepOnePrimary(draft.phones)
  if (!dialect.isOwn) draft.customFields = draft.customFields.filter((field) => !isNoise(draft, field.name, field.value))
  return draft
}

const nameParts = new Set(['prefix', 'given', 'middle', 'family', 'suffix', 'nickname', 'phoneticGiven', 'phoneticFamily'])
const relationColumns: Record<string, string> = { spouse: 'spouse', manager: 'manager', assistant: 'assistant', referrer: 'referred by' }

function putSingle(draft: ContactDraft, name: string, cell: string, dialect: CsvDialect): boolean {
  if (nameParts.has(name)) {
    const known = (draft.name ??= {})
    known[name as keyof DraftName] ??= cell
    return true
  }
  const kind = relationColumns[name]
  if (kind !== undefined) return draft.relations.push({ name: cell, kind }) > 0
  switch (name) {
    case 'displayName':
    case 'about':
    case 'uid':
      draft[name] = cell
      return true
    case 'starred':
      if (/^(?:yes|true|1)$/i.test(cell)) draft.starred = true
      return true
    case 'labels':
      addTags(draft, cell, dialect.isOwn)
      return true
    case 'categories':
      addTags(draft, cell, false)
      return true
    case 'children':
      for (const child of cell.split(/[;,]/)) if (child.trim() !== '') draft.relations.push({ name: child.trim(), kind: 'child' })
      return true
    case 'photo':
      if (!/^https?:\/\/\S+$/i.test(cell)) return false
      draft.photo = { url: cell }
      return true
    case 'birthday':
      return addDate(draft, 'BIRTHDAY', undefined, cell, dialect)
    case 'anniversary':
      return addDate(draft, 'ANNIVERSARY', undefined, cell, dialect)
    default:
      return false
  }
}

// Google's own groups bear a star: everybody is in "My Contacts", and starring is a group too.
function addTags(draft: ContactDraft, cell: string, isOwn: boolean): void {
  const tags = new Set(draft.tags)
  for (const tag of isOwn ? parseList(cell) : splitList(cell.includes(' ::: ') ? cell : cell.replaceAll(';', ' ::: '))) {
    const system = isOwn ? undefined : /^\* ?(.+)$/.exec(tag ?? '')?.[1]
    const group = system?.replaceAll(' ', '').toLowerCase()
    if (group === 'starred') draft.starred = true
    else if (tag && group !== 'mycontacts') tags.add(system ?? tag)
  }
  draft.tags = [...tags]
}

function addDate(draft: ContactDraft, kind: DraftDateKind, label: string | undefined, cell: string, { dayFirst }: CsvDialect): boolean {
  // Outlook's writing of "none".
  if (/^0\/0\/0+$/.test(cell)) return true
  const date = parseCsvDate(cell, dayFirst)
  if (!date) return false
  draft.dates.push({ kind, ...given('label', label), date })
  return true
}

function addCustom(draft: ContactDraft, name: string, value: string): void {
  if (value !== '') draft.customFields.push({ name, value })
}

/** Google, as our own export, puts what is beyond its columns' number into one cell, value by value: as many entries. */
function severalOf({ isList, cells }: Entry, { isOwn }: CsvDialect): Map<string, string>[] {
  if (!isList) return [cells]
  const lists = Array.from(cells, ([part, cell]) => [part, isOwn ? parseList(cell) : splitList(cell)] as const)
  const count = lists.reduce((most, [, values]) => Math.max(most, values.length), 0)
  return Array.from({ length: count }, (_, at) => {
    const one = new Map<string, string>()
    for (const [part, values] of lists) {
      // One label may stand for all.
      const value = values[at] ?? (!isOwn && part === 'label' && values.length === 1 ? values[0] : undefined)
      if (value) one.set(part, value)
    }
    return one
  })
}

function putEntry(draft: ContactDraft, { list, header }: Entry, cells: Map<string, string>, dialect: CsvDialect): void {
  const value = cells.get('value')
  const said = cells.get('label') ?? ''
  const { label, primary } = parseLabel(dialect.isOwn ? said : readable(said))
  if (list === 'address') return addAddress(draft, cells, label, dialect)
  if (list === 'organization') {
    const organization = { ...given('name', cells.get('name')), ...given('department', cells.get('department')), ...given('title', cells.get('title')) }
    if (Object.keys(organization).length > 0) draft.organizations.push(organization)
    return
  }
  // A label without a value is what an empty form leaves behind.
  if (value === undefined) return
  switch (list) {
    case 'email':
      return void draft.emails.push({ address: value, ...given('label', label), ...given('primary', primary) })
    case 'phone':
      return void draft.phones.push({ number: value, ...given('label', label), ...given('primary', primary) })
    case 'url':
      return void draft.urls.push({ url: value, ...given('label', label) })
    case 'relation':
      return void draft.relations.push({ name: value, ...given('kind', dialect.isOwn ? label : label?.toLowerCase()) })
    case 'date': {
      const kind = kindOfEvent(cells.get('kind') ?? label)
      const own = kind !== 'OTHER' && label?.toUpperCase() === kind ? undefined : label
      if (!addDate(draft, kind, own, value, dialect)) addCustom(draft, label ?? header, value)
      return
    }
    case 'custom':
    case 'im':
      return addCustom(draft, (list === 'im' ? cells.get('service') : undefined) ?? label ?? header, value)
  }
}

function kindOfEvent(text: string | undefined): DraftDateKind {
  const name = text?.toUpperCase()
  return name === 'BIRTHDAY' || name === 'ANNIVERSARY' ? name : 'OTHER'
}

// Google writes its own labels with a capital (Home, Work Fax); in the model they are as in vCards.
const googleLabels = new Set([
  'home',
  'work',
  'mobile',
  'other',
  'main',
  'home fax',
  'work fax',
  'other fax',
  'pager',
  'profile',
  'blog',
  'home page',
  'internet',
])

function readable(label: string): string {
  const bare = label.replace(/^\* ?/, '')
  const star = bare === label ? '' : bare === '' ? '*' : '* '
  const lower = bare.toLowerCase()
  return googleLabels.has(lower) ? star + (lower === 'internet' ? '' : lower) : star + bare
}

function addAddress(draft: ContactDraft, cells: Map<string, string>, label: string | undefined, { isOwn }: CsvDialect): void {
  const { street, street2, street3, extended, poBox, city, region, postalCode, country, countryCode, formatted } = Object.fromEntries(cells)
  const whole = [street, street2, street3].filter(Boolean).join('\n')
  const parts: DraftAddress = {
    ...given('street', whole),
    ...given('extended', extended),
    ...given('poBox', poBox),
    ...given('city', city),
    ...given('region', region),
    ...given('postalCode', postalCode),
    ...given('country', country),
  }
  const isEmpty = Object.keys(parts).length === 0
  if (isEmpty && !formatted) return
  // Google has no column for the code; its country is often just that.
  const code = countryCode ?? (!isOwn && /^[A-Z]{2}$/.test(country ?? '') ? country : undefined)
  draft.addresses.push({
    ...given('label', label),
    ...(isEmpty ? given('street', formatted) : parts),
    ...given('countryCode', code && /^[A-Za-z]{2}$/.test(code) ? code.toUpperCase() : undefined),
  })
}

function keepOnePrimary(list: { primary?: boolean | undefined }[]): void {
  let found = false
  for (const entry of list) {
    if (found) delete entry.primary
    found ||= entry.primary === true
  }
}

/** What Outlook fills in for everybody says nothing about anybody. */
const defaults: Record<string, RegExp> = {
  priority: /^normal$/i,
  sensitivity: /^normal$/i,
  private: /^false$/i,
  gender: /^unspecified$/i,
  'e-mail type': /^smtp$/i,
  'e-mail 2 type': /^smtp$/i,
  'e-mail 3 type': /^smtp$/i,
}

function isNoise(draft: ContactDraft, name: string, value: string): boolean {
  const key = name.toLowerCase()
  if (Object.hasOwn(defaults, key) && defaults[key]?.test(value)) return true
  if (key === 'file as') return value === draft.displayName
  if (/^e-mail (?:\d )?display name$/.test(key)) return value === draft.displayName || draft.emails.some(({ address }) => value.includes(address))
  return false
}
