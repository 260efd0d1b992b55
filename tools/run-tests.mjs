/**
 * Runs vitest for `npm test`, and says in the end what it came to. `--stress` and `--long` are its own words; every other one is vitest's.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBurner } from './processor-burner.mjs';
import { root } from './set-up.mjs';
import { summaryLines } from './test-summary.mjs';

const shell = process.platform === 'win32';

/**
 * Runs vitest; with `--stress` on a machine that is made busy, with `--long` trying everything of which there is a sample otherwise.
 * @param {readonly string[]} words
 * @returns {Promise<number>} exit status
 */
export async function runTests(words) {
  const rest = words.filter((word) => word !== '--stress' && word !== '--long');
  const environment = words.includes('--long') ? { TESTOPS_LONG: '1' } : {};
  if (!words.includes('--stress')) return runVitest(rest, environment);
  const burner = startBurner();
  process.stdout.write(`Under stress: ${burner.pids.length} processes compute for nothing, and more files are tested at a time.\n`);
  try {
    return await runVitest(rest, { ...environment, TESTOPS_STRESS: '1' });
  } finally {
    await burner.end();
  }
}

/**
 * What vitest prints passes through and is kept for its reasons.
 * @param {readonly string[]} words
 * @param {Readonly<Record<string, string>>} environment
 * @returns {Promise<number>} exit status
 */
async function runVitest(words, environment) {
  const folder = mkdtempSync(join(tmpdir(), 'testops-tests-'));
  try {
    const report = join(folder, 'report.json');
    const retries = join(folder, 'retries.json');
    const reporters = [
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report}`,
      `--reporter=${join(root, 'tools', 'retry-reporter.mjs')}`,
    ];
    const colour = process.stdout.isTTY ? { FORCE_COLOR: '1' } : {};
    const child = spawn('vitest', ['run', ...reporters, ...words], {
      cwd: root,
      stdio: ['inherit', 'pipe', 'pipe'],
      env: { ...process.env, ...colour, ...environment, TESTOPS_RETRIES: retries },
      shell,
    });
    // vitest ends by itself then, and after it this process, which takes away what it made.
    process.on('SIGINT', () => {});
    for (const signal of /** @type {const} */ (['SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
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
    if (existsSync(report)) {
      const retried = existsSync(retries) ? read(retries) : [];
      process.stdout.write(`\n${summaryLines(read(report), output, root, retried).join('\n')}\n`);
    }
    return status;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {string} file */
function read(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
