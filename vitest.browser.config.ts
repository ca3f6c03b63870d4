import { defineConfig } from 'vitest/config'
import { inline } from './vitest.config.ts'

// A real browser against a real process.
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: ['tests/support/postgres-setup.ts'],
    server: { deps: { inline } },
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
})
