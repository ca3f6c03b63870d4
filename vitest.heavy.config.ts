import { defineConfig } from 'vitest/config'
import { resolve } from './vitest.config.ts'

// Kills, long property runs and measurements: one at a time, so that they do not measure each other.
export default defineConfig({
  resolve,
  test: {
    include: ['tests/heavy/**/*.test.ts'],
    globalSetup: ['tests/support/postgres-setup.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 600_000,
    hookTimeout: 120_000,
    passWithNoTests: true,
  },
})
