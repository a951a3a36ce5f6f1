import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 120_000,
    maxWorkers: 4,
    // Real servers on a shared machine: a test that meets a stolen processor gets a second try where nobody watches.
    retry: process.env['CI'] ? 2 : 0,
  },
});
