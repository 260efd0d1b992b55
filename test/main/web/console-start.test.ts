/** What the console opens when it was started with paths. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { emptyStart, startOfWords } from '#main/web/console-start.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'testops-opened-'));
  mkdirSync(join(folder, 'workspace', 'scenarios'), { recursive: true });
  for (const name of ['workspace/environment.yaml', 'workspace/scenarios/a.scn', 'lonely.scn', 'run.testops-run', 'x.txt']) {
    writeFileSync(join(folder, name), '');
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Paths within the folder of the test; after a `=`, a text as it is. */
const paths: [string[], object][] = [
  [[], {}],
  [['--demo'], { demo: true }],
  [['workspace'], { workspace: 'workspace' }],
  [['workspace/environment.yaml'], { workspace: 'workspace', environmentFile: 'workspace/environment.yaml' }],
  [['workspace/scenarios/a.scn'], { workspace: 'workspace', file: '=scenarios/a.scn' }],
  [['lonely.scn'], { workspace: '.', file: '=lonely.scn' }],
  [['run.testops-run'], { bundle: 'run.testops-run' }],
  [['--enable-features=X', 'workspace'], { workspace: 'workspace' }],
  [['nothing-there', 'x.txt'], {}],
];

test.each(paths)('%j', (words, expected) => {
  const absolute = Object.fromEntries(
    Object.entries(expected).map(([name, value]) => [
      name,
      typeof value !== 'string' ? (value as unknown) : value.startsWith('=') ? value.slice(1) : join(folder, value),
    ]),
  );
  expect(startOfWords(words, folder)).toEqual({ ...emptyStart, ...absolute });
});
