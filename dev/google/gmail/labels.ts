/** A label of a mailbox. */
export interface Label {
  id: string
  name: string
  type: 'system' | 'user'
}

/** The labels of one mailbox. */
export interface Labels {
  all(): readonly Label[]
  has(id: string): boolean
  /** Adds a label of the user's own and returns its id, e.g. `Label_1`. */
  add(name: string): string
}

const systemLabels = [
  'CHAT',
  'SENT',
  'INBOX',
  'IMPORTANT',
  'TRASH',
  'DRAFT',
  'SPAM',
  'CATEGORY_FORUMS',
  'CATEGORY_UPDATES',
  'CATEGORY_PERSONAL',
  'CATEGORY_PROMOTIONS',
  'CATEGORY_SOCIAL',
  'STARRED',
  'UNREAD',
]

/** Gmail's own labels. */
export function createLabels(): Labels {
  const labels = new Map<string, Label>(systemLabels.map((id) => [id, { id, name: id, type: 'system' }]))
  return {
    all: () => [...labels.values()],
    has: (id) => labels.has(id),
    add: (name) => {
      const id = `Label_${labels.size - systemLabels.length + 1}`
      labels.set(id, { id, name, type: 'user' })
      return id
    },
  }
}
