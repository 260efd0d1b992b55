/**
 * `npm test`: formatter, linter with the layer rules, types, then every test. Stops at the first part that fails. The
 * last lines name the tests that were skipped, with the reasons given, and count: `N passed, N failed, N skipped`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installTestPrograms } from './test-programs.mjs';
import { root } from './set-up.mjs';
import { summaryLines } from './test-summary.mjs';

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

/**
 * Runs vitest; what it prints passes through and is kept for its reasons.
 * @param {string[]} words
 * @returns {Promise<number>} exit status
 */
async function runTests(words) {
  const folder = mkdtempSync(join(tmpdir(), 'testops-tests-'));
  try {
    const report = join(folder, 'report.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
    const child = spawn('vitest', ['run', ...reporters, ...words], {
      cwd: root,
      stdio: ['inherit', 'pipe', 'pipe'],
      env: { ...process.env, ...colour },
      shell,
    });
    let output = '';
    for (const [from, to] of /** @type {const} */ ([
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ])) {
      from.on('data', (/** @type {Buffer} */ chunk) => {
        output += chunk.toString();
        to.write(chunk);
      });
    }
    /** @type {number} */
    const status = await new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve(code ?? 1));
    });
    if (status !== 0) process.stdout.write('\ntests failed.\n');
    // Without a report vitest itself did not come to its end, and has said why.
    if (existsSync(report)) process.stdout.write(`\n${summaryLines(JSON.parse(readFileSync(report, 'utf8')), output, root).join('\n')}\n`);
    return status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
