/**
 * `npm test`: formatter, linter with the layer rules, types, then every test. Stops at the first part that fails. The
 * last lines name the tests that were skipped, with the reasons given, and those that passed only when they were tried again
 * (`N retried: …`), and count: `N passed, N failed, N skipped`. `--stress` makes the machine busy meanwhile, `--long` tries everything of which there is a sample otherwise; every other word
 * is vitest's.
 */
import { spawnSync } from 'node:child_process';
import { runTests } from './run-tests.mjs';
import { root } from './set-up.mjs';
import { installTestPrograms } from './test-programs.mjs';

installTestPrograms();

const shell = process.platform === 'win32';

/** @type {[name: string, program: string, args: string[]][]} */
const checks = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['types', 'tsc', ['--noEmit']],
  ['types of the screens', 'tsc', ['--noEmit', '-p', 'renderer']],
];

for (const [name, program, args] of checks) {
  process.stdout.write(`\n— ${name}\n`);
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', shell });
  if (result.status !== 0) {
    process.stdout.write(`\n${name} failed.\n`);
    process.exit(result.status ?? 1);
  }
}
process.stdout.write('\n— tests\n');
process.exitCode = await runTests(process.argv.slice(2));
