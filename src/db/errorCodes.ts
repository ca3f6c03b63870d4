/** What an error is called by Prisma, and beneath it by PostgreSQL. */
export function codesOf(error: unknown): string[] {
  const { code, meta } = error as { code?: unknown; meta?: { driverAdapterError?: { cause?: { originalCode?: unknown } } } }
  return [code, meta?.driverAdapterError?.cause?.originalCode].filter((each) => typeof each === 'string')
}
