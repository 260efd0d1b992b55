/** The real `allure` 3 renders what is written for it: a run of each outcome, with steps, attachments and labels. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { archiveSampleRun } from '../main/core/reports/sample-run.ts';
import { root, runCommand } from './console-command.ts';
import type { RunId } from '#shared/identifiers.ts';

let folder: string;
let runs: RunId[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'testops-allure-'));
  const archive = join(folder, 'archive');
  const passed = await archiveSampleRun(archive, { number: 1, outcome: 'passed', change: { release: 'rc1' } });
  runs = [passed, await archiveSampleRun(archive, { number: 2, outcome: 'failed', change: { release: 'rc2' } })];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface RenderedStep {
  readonly name?: string;
  readonly status?: string;
  readonly steps?: RenderedStep[];
  readonly type: string;
  readonly link?: { readonly ext: string; readonly missed: boolean };
}
interface Rendered {
  readonly name: string;
  readonly status: string;
  readonly historyId: string;
  readonly labels: { readonly name: string; readonly value: string }[];
  readonly steps: RenderedStep[];
  readonly teardown: RenderedStep[];
}

async function render(results: string): Promise<Rendered[]> {
  const output = join(folder, `report-of-${results.split('/').at(-1)}`);
  await promisify(execFile)(join(root, 'node_modules', '.bin', 'allure'), ['generate', results, '--output', output, '--cwd', folder], {
    env: { ...process.env, ALLURE_NO_ANALYTICS: '1' },
  });
  const data = join(output, 'data', 'test-results');
  return readdirSync(data).map((name) => JSON.parse(readFileSync(join(data, name), 'utf8')) as Rendered);
}

test('runs come out with their status, nested steps, tear-down, labels and attachments', { timeout: 60_000 }, async () => {
  const rendered: Rendered[] = [];
  for (const run of runs) {
    const results = join(folder, `results-${run}`);
    const written = await runCommand(['report', run, '--format', 'allure', '--output', results], { archive: join(folder, 'archive') });
    expect(written.status, written.errors).toBe(0);
    rendered.push(...(await render(results)));
  }
  expect(rendered.map(({ status }) => status)).toEqual(['passed', 'failed']);
  const [passed, failed] = rendered;
  // The same scenario in two release candidates is one test with a history.
  expect(failed?.historyId).toBe(passed?.historyId);
  expect(failed?.steps.find(({ name }) => name === '1 call setup')).toMatchObject({ status: 'passed', steps: [{ name: '0 echo hello' }] });
  expect(failed?.steps.flatMap(({ status }) => status ?? [])).toEqual(['passed', 'passed', 'passed', 'failed', 'skipped']);
  const attached = failed?.steps.filter(({ type }) => type === 'attachment').map(({ link }) => [link?.ext, link?.missed]);
  expect(attached).toEqual([
    ['.html', false],
    ['.ndjson', false],
    ['.txt', false],
    ['.txt', false],
  ]);
  expect(failed?.teardown).toMatchObject([{ status: 'broken' }]);
  const labels = Object.fromEntries((failed?.labels ?? []).map(({ name, value }) => [name, value]));
  expect(labels).toMatchObject({ suite: 'failover', release: 'rc2', environment: 'demo', tag: 'smoke' });
});

test('results of several runs are one report', { timeout: 60_000 }, async () => {
  const together = join(folder, 'together');
  await mkdir(together);
  for (const run of runs) await cp(join(folder, `results-${run}`), together, { recursive: true });
  const statuses = (await render(together)).map(({ status }) => status);
  // One test; its earlier run is a retry of the later one.
  expect(statuses.sort()).toEqual(['failed', 'passed']);
});
