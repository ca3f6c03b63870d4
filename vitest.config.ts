import { defineConfig } from 'vitest/config'

// Vite prefers graphql's ES modules, while Node loads the CommonJS ones for everything outside this project: two copies, whose types are strangers to each other.
export const resolve = { alias: [{ find: /^graphql$/, replacement: new URL('node_modules/graphql/index.js', import.meta.url).pathname }] }

// On 16 partitions a table (npm run test:partitions) every statement has more to plan, and every database more files to copy.
const patience = process.env['TEST_PARTITIONS'] ? 4 : 1

const shared = {
  globalSetup: ['tests/support/postgres-setup.ts'],
  pool: 'forks' as const,
  testTimeout: 20_000 * patience,
  hookTimeout: 30_000 * patience,
  // What is waited for comes, however busy the machine is.
  expect: { poll: { timeout: 15_000 } },
}
// These put fields of their own into the schema, which others must not see.
const ownSchemas = ['tests/graphql/**/*.test.ts']

export default defineConfig({
  resolve,
  test: {
    maxWorkers: 2,
    projects: [
      // Loading the application costs more than most tests: one process runs many files.
      {
        extends: true,
        test: { ...shared, name: 'suite', isolate: false, include: ['tests/**/*.test.ts'], exclude: ['tests/heavy/**', 'tests/browser/**', ...ownSchemas] },
      },
      { extends: true, test: { ...shared, name: 'own schemas', include: ownSchemas } },
    ],
  },
})
