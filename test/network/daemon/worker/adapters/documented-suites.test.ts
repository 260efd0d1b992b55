/** The suites of docs/test-adapters.md do what they say: a small suite of each kind is listed and executed with the settings that stand there. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readSuite } from '#main/core/campaigns/files/campaign-files.ts';
import { builtAdapters } from '#network/daemon/worker/adapters/adapters.ts';
import type { Adapter } from '#shared/campaign/words.ts';
import { missingGo, missingPytest } from './needed-programs.ts';
import { Folder, listTests, openAndRun } from './real-context.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..', '..');
const page = readFileSync(join(root, 'docs', 'test-adapters.md'), 'utf8');
const suites = [...page.matchAll(/^```yaml suite\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text);

let written: string;
beforeAll(() => {
  written = mkdtempSync(join(tmpdir(), 'testops-suites-'));
});
afterAll(() => rmSync(written, { recursive: true, force: true }));

interface Package {
  readonly files: Readonly<Record<string, string>>;
  /** Verdicts by name, in the order of the list. */
  readonly verdicts: readonly (readonly [test: string, verdict: string])[];
  readonly serial: readonly string[];
}

const playwright = `import { expect, test } from '@playwright/test';
test('fits', { tag: '@serial' }, () => {});
test('differs', () => expect(1).toBe(2));
`;
const playwrightConfiguration = `export default { projects: [{ name: 'chromium' }, { name: 'firefox' }] };`;

const packages: Partial<Record<Adapter, Package>> = {
  pytest: {
    files: {
      'pytest.ini': '[pytest]\nmarkers =\n  manual\n  serial\n',
      'tests/test_a.py':
        'import pytest\n@pytest.mark.serial\ndef test_fits(): pass\ndef test_differs(): assert 1 == 2\n@pytest.mark.manual\ndef test_by_hand(): pass\n',
    },
    verdicts: [
      ['tests/test_a.py::test_fits', 'passed'],
      ['tests/test_a.py::test_differs', 'failed'],
    ],
    serial: ['tests/test_a.py::test_fits'],
  },
  playwright: {
    files: { 'playwright.config.ts': playwrightConfiguration, 'a.spec.ts': playwright },
    verdicts: [
      ['[chromium] a.spec.ts › fits', 'passed'],
      ['[chromium] a.spec.ts › differs', 'failed'],
    ],
    serial: ['[chromium] a.spec.ts › fits'],
  },
  vitest: {
    files: {
      'vitest.config.mjs': `export default { test: { name: 'units' } };`,
      'a.test.js': `import { expect, test } from 'vitest';\ntest('fits', () => {});\ntest('differs', () => expect(1).toBe(2));\n`,
    },
    verdicts: [
      ['[units] a.test.js > fits', 'passed'],
      ['[units] a.test.js > differs', 'failed'],
    ],
    serial: [],
  },
  go: {
    files: {
      'go.mod': 'module example.org/services\ngo 1.19\n',
      'orders/orders_test.go':
        'package orders\nimport "testing"\nfunc TestSerialFits(t *testing.T) { if !testing.Short() { t.Fail() } }\nfunc TestDiffers(t *testing.T) { t.Fail() }\n',
    },
    verdicts: [
      ['example.org/services/orders.TestSerialFits', 'passed'],
      ['example.org/services/orders.TestDiffers', 'failed'],
    ],
    serial: ['example.org/services/orders.TestSerialFits'],
  },
  allure: {
    files: {
      'playwright.config.ts': `export default { reporter: [['allure-playwright', { resultsDir: process.env.ALLURE_RESULTS_DIR }]] };`,
      'a.spec.ts': playwright,
    },
    verdicts: [
      ['a.spec.ts › fits', 'passed'],
      ['a.spec.ts › differs', 'failed'],
    ],
    serial: ['a.spec.ts › fits'],
  },
};

const leftOut = new Set([...(missingGo() ? ['go'] : []), ...(missingPytest() ? ['pytest'] : [])]);

test('each adapter that the page tells of has a suite there', () => {
  expect(suites).toHaveLength(Object.keys(packages).length);
});

const named = suites.map((text) => [/^adapter: (\w+)$/m.exec(text)?.[1] ?? '', text] as const);

test.each(named.filter(([name]) => !leftOut.has(name)))('%s', { timeout: 120_000 }, async (name, text) => {
  const file = join(written, `${name}.yaml`);
  writeFileSync(file, text);
  const { content, problems } = await readSuite(file);
  expect(problems).toEqual([]);
  const { files = {}, verdicts = [], serial = [] } = packages[name as Adapter] ?? {};
  const adapter = builtAdapters[name as Adapter];
  if (!adapter || !content) throw new Error(`There is no adapter ${name}.`);
  using folder = new Folder(files);
  symlinkSync(join(root, 'node_modules'), join(folder.path, 'node_modules'), 'junction');
  const listed = await listTests(adapter, folder.path, content.settings);
  const wanted = verdicts.map(([test]) => test);
  expect(listed.map(({ test }) => String(test)).toSorted()).toEqual(wanted.toSorted());
  expect(listed.filter((each) => each.serial).map(({ test }) => test)).toEqual(serial);
  const { verdicts: told } = await openAndRun(adapter, folder.path, wanted, content.settings);
  expect(told).toEqual(Object.fromEntries(verdicts));
});
