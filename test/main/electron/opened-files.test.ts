/** What the console opens when it was started with paths. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nothingOpened, openingOf } from '#main/electron/opened-files.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'testops-opened-'));
  mkdirSync(join(folder, 'workspace', 'scenarios'), { recursive: true });
  for (const name of ['workspace/environment.yaml', 'workspace/scenarios/a.scn', 'lonely.scn', 'run.testops-run', 'x.txt']) {
    writeFileSync(join(folder, name), '');
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const paths: [string[], object][] = [
  [[], {}],
  [['--demo'], { demo: true }],
  [['workspace'], { workspace: 'workspace' }],
  [['workspace/environment.yaml'], { workspace: 'workspace', environmentFile: 'workspace/environment.yaml' }],
  [['workspace/scenarios/a.scn'], { workspace: 'workspace' }],
  [['lonely.scn'], { workspace: '.' }],
  [['run.testops-run'], { bundle: 'run.testops-run' }],
  [['--enable-features=X', 'workspace'], { workspace: 'workspace' }],
  [['nothing-there', 'x.txt'], {}],
];

test.each(paths)('%j', (words, expected) => {
  const absolute = Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [name, typeof value === 'string' ? join(folder, value) : (value as unknown)]),
  );
  expect(openingOf(words, folder)).toEqual({ ...nothingOpened, ...absolute });
});
