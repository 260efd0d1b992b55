/** `npm test`: formatter, linter with the layer rules, types, then every test. Stops at the first part that fails. */
import { spawnSync } from 'node:child_process';
import { installTestPrograms } from './test-programs.mjs';
import { root } from './set-up.mjs';

installTestPrograms();

/** @type {[name: string, program: string, args: string[]][]} */
const parts = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'oxlint', ['--type-aware', '--deny-warnings']],
  ['types', 'tsc', ['--noEmit']],
  ['tests', 'vitest', ['run', ...process.argv.slice(2)]],
];

for (const [name, program, args] of parts) {
  process.stdout.write(`\n— ${name}\n`);
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
  if (result.status !== 0) {
    process.stdout.write(`\n${name} failed.\n`);
    process.exit(result.status ?? 1);
  }
}
