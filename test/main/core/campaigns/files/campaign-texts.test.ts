/** What an editor is told of suites and campaigns while they are written: by the core, from the schemas that decode the files. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { placeIn } from '#main/core/campaigns/files/schema-guide.ts';
import { campaignFileSchema, quarantineFileSchema, suiteFileSchema } from '#main/core/campaigns/files/suite-schema.ts';
import { caretIn } from '#main/core/campaigns/files/yaml-caret.ts';

let folder: string;
let core: OpenCore;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'testops-texts-'));
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await write('suites/api.yaml', 'suite: api\nadapter: pytest\npackage: { onWorker: api }\nlabels: [linux, fast]\nneeds: { licence: 1 }\n');
  await write('suites/smoke.yaml', 'suite: smoke\nadapter: scenario\ntags: [nightly]\n');
  await write('campaigns/nightly.yaml', 'campaign: nightly\ncapacities: { database: 2 }\n');
  core = await openCore({ archiveFolder: join(folder, 'archive'), home: join(folder, 'home') });
});
afterAll(async () => {
  await core.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** Splits a text at `|`, where the caret is. */
function at(marked: string): { readonly text: string; readonly line: number; readonly column: number } {
  const before = marked.slice(0, marked.indexOf('|')).split('\n');
  return { text: marked.replace('|', ''), line: before.length - 1, column: before.at(-1)?.length ?? 0 };
}

async function suggested(path: string, marked: string): Promise<readonly string[]> {
  const { suggestions } = await core.request('campaign-text.complete', { folder, path, ...at(marked) });
  return suggestions.map(({ label }) => label);
}

async function explained(path: string, marked: string): Promise<string | null> {
  const { explanation } = await core.request('campaign-text.explain', { folder, path, ...at(marked) });
  return explanation && `${explanation.key}: ${explanation.help}`;
}

describe('suggestions', () => {
  test('are the keys that are not there yet', async () => {
    const found = await suggested('suites/new.yaml', 'suite: new\nadapter: go\nti|\n');
    expect(found).toContain('timeout');
    expect(found).not.toContain('suite');
    expect(found).not.toContain('adapter');
    expect(await suggested('suites/new.yaml', 'package:\n  |\n')).toEqual(['folder', 'git', 'archive', 'onWorker']);
    expect(await suggested('suites/new.yaml', 'package: { git: { ref| } }\n')).toEqual(['repository', 'reference', 'folder']);
    expect(await suggested('campaigns/new.yaml', 'servers:\n  one:\n    slots: 2\n    |')).toEqual(['environment', 'deploy', 'variables']);
    expect(await suggested('quarantine.yaml', 'quarantine:\n  - suite: api\n    ow|')).toContain('owner');
  });

  test('are the words that a value may be', async () => {
    expect(await suggested('suites/new.yaml', 'adapter: |')).toEqual(expect.arrayContaining(['pytest', 'go', 'scenario']));
    expect(await suggested('suites/new.yaml', 'usesServer: |')).toEqual(['true', 'false']);
  });

  test('are the names that the workspace has', async () => {
    expect(await suggested('campaigns/new.yaml', 'suites: [api, |')).toEqual(['api', 'smoke']);
    expect(await suggested('campaigns/new.yaml', 'suites:\n  - |')).toEqual(['api', 'smoke']);
    expect(await suggested('campaigns/new.yaml', 'suites:\n- a|')).toEqual(['api', 'smoke']);
    expect(await suggested('suites/new.yaml', 'labels: [l|]')).toEqual(['fast', 'linux']);
    expect(await suggested('suites/new.yaml', 'tags:\n  - |')).toEqual(['nightly']);
    expect(await suggested('suites/new.yaml', 'needs: { |')).toEqual(['database', 'licence']);
  });

  test('are none in a comment, in a free text, or below what is not known', async () => {
    for (const marked of ['# ad|', 'title: a|', 'nonsense:\n  |', 'settings: { |', 'variables:\n  |']) {
      expect(await suggested('suites/new.yaml', marked), marked).toEqual([]);
    }
  });
});

test('a key is explained with what it may be and what holds unless it is given', async () => {
  expect(await explained('suites/new.yaml', 'ret|ries: 2')).toMatch(/^retries: Attempts after the first.* Unless given: 0\.$/);
  expect(await explained('suites/new.yaml', 'adapter: py|test')).toMatch(/^adapter: What lists.*It may be pytest, .* Required\.$/);
  expect(await explained('suites/new.yaml', 'package: { git: { refer|ence: main } }')).toMatch(/^reference: A branch/);
  expect(await explained('campaigns/new.yaml', 'servers:\n  one: { de|ploy: x.scn }')).toMatch(/^deploy: Scenario/);
  expect(await explained('suites/new.yaml', 'nonsen|se: 2')).toBeNull();
});

describe('problems', () => {
  const problems = async (path: string, text: string) =>
    (await core.request('campaign-text.check', { folder, path, text })).problems.map(({ code, range, message }) => ({
      code,
      line: range?.start.line,
      message,
    }));

  test('are all told at once with their lines, as when the file is read', async () => {
    expect(await problems('suites/new.yaml', 'suite: new\nadapter: pytets\nretries: 99\ncolour: red\n')).toMatchObject([
      { code: 'unknown-word', line: 1 },
      { code: 'out-of-range', line: 2 },
      { code: 'unknown-key', line: 3 },
    ]);
    expect(await problems('suites/new.yaml', 'suite: new\nadapter: go\n')).toMatchObject([{ code: 'package-missing', line: 1 }]);
    expect(await problems('suites/new.yaml', 'suite: [')).toHaveLength(1);
    expect(await problems('suites/new.yaml', 'suite: new\nadapter: scenario\n')).toEqual([]);
    const entry = 'quarantine:\n  - { suite: api, test: t, owner: a, reason: r, since: 2026-11-20, expires: 2027-01-20 }\n';
    expect(await problems('quarantine.yaml', entry)).toMatchObject([{ code: 'quarantine-long', line: 1 }]);
  });

  test('a suite that the workspace does not have is one, where it is named', async () => {
    expect(await problems('campaigns/new.yaml', 'campaign: new\nsuites:\n  - api\n  - smoek\n')).toMatchObject([
      { code: 'unknown-suite', line: 3, message: 'There is no suite smoek.' },
    ]);
  });

  test('of other files nothing is told', async () => {
    await expect(core.request('campaign-text.check', { folder, path: 'environment.yaml', text: '' })).rejects.toMatchObject({
      problem: { code: 'no-campaign-text' },
    });
  });
});

test('every key of the schemas has a meaning', () => {
  const without: string[] = [];
  const look = (schema: z.ZodType, path: readonly string[]): void => {
    for (const key of placeIn(schema, path)?.keys ?? []) {
      if (placeIn(schema, [...path, key])?.help === '') without.push([...path, key].join('.'));
      for (const below of [[], ['*'], ['any']]) look(schema, [...path, key, ...below]);
    }
  };
  for (const schema of [suiteFileSchema, campaignFileSchema, quarantineFileSchema]) look(schema, []);
  expect(without).toEqual([]);
});

test.each([
  ['a: 1\n|', { path: [], at: 'key' }],
  ['a:\n  b: |', { path: ['a', 'b'], at: 'value' }],
  ['a:\n  b: 1\nc|', { path: [], at: 'key', typed: 'c' }],
  ['a:\n- x\n- y|', { path: ['a', '*'], at: 'key', inList: true, typed: 'y' }],
  ['a:\n  - b: 1\n    c: |', { path: ['a', '*', 'c'], at: 'value' }],
  ['a: [x, y|', { path: ['a', '*'], at: 'value', typed: 'y' }],
  ['a: { b: [1], c: |', { path: ['a', 'c'], at: 'value' }],
  ['a: { b: 1, |', { path: ['a'], at: 'key' }],
  ['"a b": |', { path: ['a b'], at: 'value' }],
  ['a: 1 # |', null],
])('the caret in %j is found', (marked, wanted) => {
  const { text, line, column } = at(marked);
  if (wanted === null) expect(caretIn(text, line, column)).toBeNull();
  else expect(caretIn(text, line, column)).toMatchObject(wanted);
});
