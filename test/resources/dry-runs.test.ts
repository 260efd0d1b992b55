/** Every scenario that comes with the product can be gone through dry, with nothing but the command line. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
const scenarios = (await Promise.all(['demo', 'examples'].map((each) => scenariosIn(join(root, 'resources', each))))).flat();
let archive = '';

async function scenariosIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true });
  return files.filter((file) => file.endsWith('.scn')).map((file) => join(folder, file));
}

beforeAll(async () => {
  archive = await mkdtemp(join(tmpdir(), 'dry-runs-'));
});
afterAll(async () => {
  await rm(archive, { recursive: true });
});

test('there are scenarios of the demo and of the examples', () => {
  const names = scenarios.map((file) => basename(file));
  expect(names).toEqual(expect.arrayContaining(['failover.scn', 'failover-measured.scn', 'sentinel-failover.scn']));
});

test.each(scenarios.map((file) => [basename(file), file]))('%s passes its dry run', { timeout: 60_000 }, async (_, file) => {
  const words = [join(root, 'main', 'cli', 'testops.ts'), '--archive', archive, 'run', '--dry-run', '--on-error', 'abort', file];
  // An exit status other than 0 rejects, and says what was printed.
  const { stdout } = await promisify(execFile)(process.execPath, words);
  expect(stdout).toContain('PASSED');
  expect(stdout).not.toContain('skipped');
});
