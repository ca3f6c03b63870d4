/** One request the simulator has seen. */
export interface LedgerEntry {
  at: Temporal.Instant
  method: string
  path: string
  /** Query parameters; the values of tokens and codes are left out. */
  query: Record<string, string>
  /** What was asked for, such as `people.connections.list` or `token.refresh_token`; null for what no route knows. */
  operation: string | null
  /** The e-mail address of the account it acted for, null when there was none. */
  account: string | null
  /** The HTTP status sent; 0 when a fault cut the connection. */
  status: number
  /** Whether a fault answered, or changed the answer. */
  faulty: boolean
  /** Quota units it cost; 0 where nothing is counted. */
  units: number
  /** Its place within a batch, from 0; null when it came by itself. */
  part: number | null
}

/** The requests seen so far, oldest first. */
export interface Ledger {
  readonly entries: readonly LedgerEntry[]
  add(entry: LedgerEntry): void
  /** The entries with this operation. */
  of(operation: string): LedgerEntry[]
  clear(): void
}

const secretParameters = new Set(['access_token', 'id_token', 'token', 'code', 'refresh_token'])

/** An empty ledger. */
export function createLedger(): Ledger {
  const entries: LedgerEntry[] = []
  return {
    entries,
    add: (entry) => void entries.push(entry),
    of: (operation) => entries.filter((entry) => entry.operation === operation),
    clear: () => void entries.splice(0),
  }
}

/** Query parameters fit for a ledger. */
export function shownQuery(url: URL): Record<string, string> {
  return Object.fromEntries([...url.searchParams].filter(([name]) => !secretParameters.has(name)))
}
