/** What the server was told to be; decided once at the start and frozen. Secrets are apart, in `Secrets`. */
export interface Config {
  readonly production: boolean
  readonly host: string
  readonly port: number
  /** The origin that browsers see; https in production. */
  readonly publicUrl: string
  readonly dataDir: string
  /** Null: the embedded PostgreSQL. */
  readonly databaseUrl: string | null
  readonly keysDatabaseUrl: string | null
  readonly maxConnections: number
  /** False behind a PgBouncer that cannot keep named statements. */
  readonly preparedStatements: boolean
  /** Null: the simulator, which is started beside the server. */
  readonly google: { readonly clientId: string; readonly origin: string | null } | null
  /** Null: messages are written as .eml files into the outbox folder of the data directory. */
  readonly smtpUrl: string | null
  readonly mailFrom: string
  /** Where blobs lie: a folder of the data directory, or a bucket. */
  readonly blobs: { readonly driver: 'fs' } | { readonly driver: 's3'; readonly bucket: string; readonly region: string; readonly endpoint: string | null } | { readonly driver: 'gcs'; readonly bucket: string }
  readonly limits: { readonly costCapacity: number; readonly costRestorePerSecond: number; readonly anonymousPerMinute: number }
  readonly metrics: boolean
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}

/** What must never be printed. */
export interface Secrets {
  /** The current master key first, then older ones that still unwrap; 32 bytes each. */
  readonly masterKeys: readonly Uint8Array[]
  readonly googleClientSecret: string | null
  readonly s3?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}
