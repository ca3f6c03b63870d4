import { defineConfig } from 'vitest/config'

// Loaded by Node itself these would bring a second copy of graphql, whose types are strangers to the first.
export const inline = [/@pothos/, 'graphql-yoga', /@graphql-tools/, /@envelop/]

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/heavy/**', 'tests/browser/**'],
    globalSetup: ['tests/support/postgres-setup.ts'],
    server: { deps: { inline } },
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
