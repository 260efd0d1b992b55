/**
 * How the tests run. First those of the parts, two files at a time; then those of the whole system (processes that are
 * killed, browsers), with ports and homes of their own.
 */
import { defineConfig } from 'vitest/config';

/**
 * `npm test -- --stress`: more files at a time than there are processors, beside programs that keep these busy. A test that
 * computes has a quarter of the processor then, and four times as long for it.
 */
const stress = process.env['TESTOPS_STRESS'] === '1';

const system = ['test/faults/**/*.test.ts', 'test/e2e/**/*.test.ts', 'test/e2e-console/**/*.test.ts'];

export default defineConfig({
  test: {
    testTimeout: stress ? 80_000 : 20_000,
    hookTimeout: stress ? 240_000 : 60_000,
    restoreMocks: true,
    setupFiles: ['test/private-home.ts', 'test/patience.ts'],
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: { name: 'parts', include: ['test/**/*.test.ts'], exclude: system, maxWorkers: stress ? 4 : 2, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        // Real processes on a machine that does other things too: what fails once is tried once more, and told as such at the end.
        test: {
          name: 'system',
          include: system,
          globalSetup: ['test/e2e/built-programs.ts'],
          maxWorkers: stress ? 3 : 2,
          retry: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
