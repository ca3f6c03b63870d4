import { defineConfig } from 'prisma/config'

// The client's generator is WebAssembly; naming any executable here keeps the CLI from downloading a schema engine that nothing uses.
process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= process.execPath

export default defineConfig({ schema: 'prisma', migrations: { path: 'prisma/migrations' }, datasource: { url: process.env['DATABASE_URL'] ?? '' } })
