import { defineConfig } from 'vitest/config'
import { resolve } from './vitest.config.ts'

// A real browser against a real process.
export default defineConfig({
  resolve,
  test: {
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: ['tests/support/postgres-setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
})
