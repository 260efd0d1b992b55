/** How the tests run: one project per kind of test, so that the slow ones can be chosen or left out by name. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    restoreMocks: true,
    maxWorkers: 2,
    pool: 'forks',
  },
});
