import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['packages/*/src/**/*.test.ts', 'e2e/**/*.test.ts', '{scripts,conformance,consumers}/**/*.test.ts'],
    // The stories start child processes; a slow machine needs patience, not retries.
    testTimeout: 30_000,
    // Most of the time is spent waiting for those: every core takes files.
    maxWorkers: '100%',
  },
});
