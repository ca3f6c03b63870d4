import { defineConfig } from 'vitest/config'

// Vite prefers graphql's ES modules, while Node loads the CommonJS ones for everything outside this project: two copies, whose types are strangers to each other.
export const resolve = { alias: [{ find: /^graphql$/, replacement: new URL('node_modules/graphql/index.js', import.meta.url).pathname }] }

export default defineConfig({
  resolve,
  test: {
    include: ['tests/**/*.test.ts'],
    exclude: ['tests/heavy/**', 'tests/browser/**'],
    globalSetup: ['tests/support/postgres-setup.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
})
