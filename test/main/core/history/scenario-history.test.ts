/** Archived runs as screens ask for them: series over time, and what earlier runs of a scenario were like. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { componentName, success } from '../link/fake-daemon.ts';
import { openConsole } from '../open-console.ts';
import { openScripted, type Scripted } from '../environments/scripted-environment.ts';
import type { RunId } from '#shared/identifiers.ts';

let scripted: Scripted;
const ahead = 600_000;
beforeEach(async () => {
  scripted = await openScripted({ clockAhead: ahead });
});
afterEach(() => scripted.owned.dispose());

const patient = { timeout: 8_000 };
const scenario = `kill -9 Engine
wait crash of Engine within 5s
expect Engine.rss < 1000 within 5s
echo PASS
echo again
echo again
`;

async function start(text: string, release = 'rc1'): Promise<RunId> {
  const scenarioFile = join(scripted.workspace, 'failover.scn');
  await writeFile(scenarioFile, text);
  const { environmentFile } = scripted;
  const { run } = await scripted.console.request('run.start', {
    scenarioFile,
    environmentFile,
    release,
    policy: 'continue',
    attended: false,
  });
  return run;
}

async function finished(run: RunId): Promise<void> {
  await vi.waitFor(async () => expect((await scripted.console.request('runs.show', { run })).manifest.totals).not.toBeNull(), patient);
}

/** A run of the scenario in which the engine dies, and its memory is told a little later. */
async function failover(): Promise<RunId> {
  const { daemon } = scripted;
  const known = daemon.series.find(({ metric }) => metric === 'rss');
  const rss = known ?? daemon.declare('Engine', 'rss', 'cpu', 'unrelated')[0]!;
  daemon.onOrder = (order, reply) => {
    reply({ kind: 'accepted', command: order.id });
    reply({ kind: 'finished', command: order.id, outcome: success });
    const engine = componentName('Engine');
    daemon.events({ kind: 'component-crashed', time: daemon.now(), component: engine, pid: 1, exitStatus: null, signal: 'KILL' });
    setTimeout(() => {
      for (let index = 0; index < 20; index++) daemon.pairs([[rss.id, 100 + index]], daemon.now() - 20 + index);
    }, 200);
  };
  const run = await start(scenario);
  await finished(run);
  return run;
}

test('points of a run in the core’s time, thinned out; its series', async () => {
  const run = await failover();
  const { series } = await scripted.console.request('runs.series', { run });
  // Only what was sampled has points, whatever was declared.
  expect(series.map(({ name, daemon }) => [name, daemon])).toContainEqual(['Engine.rss', 'MEP']);
  const whole = await scripted.console.request('runs.points', { run, series: ['Engine.rss', 'Engine.none'], columns: 1_000 });
  expect(whole.points.map(({ name }) => name)).toEqual(['Engine.rss']);
  const [points] = whole.points;
  expect(points!.values[0]).toBe(100);
  expect(points!.values.at(-1)).toBe(119);
  const { manifest } = await scripted.console.request('runs.show', { run });
  // Not ten minutes ahead, as the daemon's clock is.
  expect(points!.times.every((time) => time > manifest.startedAt - 5_000 && time < manifest.finishedAt! + 5_000)).toBe(true);
  const thin = await scripted.console.request('runs.points', { run, series: ['Engine.rss'], columns: 1 });
  expect(thin.points[0]!.values).toEqual([100, 119]);
  const middle = points!.times[10]!;
  const part = await scripted.console.request('runs.points', { run, series: ['Engine.rss'], from: middle, to: middle + 3, columns: 100 });
  // One point on each side, so that the line enters and leaves the picture.
  expect(part.points[0]!.times).toContain(middle);
  expect(part.points[0]!.times.length).toBeLessThan(10);
  const nowhere = await scripted.console.request('runs.points', { run, series: ['Engine.rss'], from: 5, to: 5, columns: 100 });
  expect(nowhere.points).toEqual([]);
});

test('points of a run that goes on: what is on disk', async () => {
  const [rss] = scripted.daemon.declare('Engine', 'rss');
  const run = await start('wait Engine.STATE == READY within 20s\n');
  await vi.waitFor(() => expect(scripted.daemon.spool.get(scripted.daemon.epoch)?.size).toBeGreaterThan(0), patient);
  for (let index = 0; index < 5; index++) scripted.daemon.pairs([[rss!.id, index]]);
  await vi.waitFor(async () => {
    const { points } = await scripted.console.request('runs.points', { run, series: ['Engine.rss'], columns: 100 });
    expect(points[0]?.values).toEqual([0, 1, 2, 3, 4]);
    expect(Math.abs(points[0]!.times[0]! - Date.now())).toBeLessThan(60_000);
  }, patient);
  await scripted.console.request('run.act', { run, action: { kind: 'stop' } });
  await finished(run);
});

test('earlier runs of a scenario, newest first, kept beside the list and made again when that is lost', async () => {
  const first = await failover();
  const second = await failover();
  const history = async (core = scripted.console, limit = 20) =>
    (await core.request('scenario.history', { scenario: 'failover', limit })).runs;
  const runs = await history();
  expect(runs.map(({ run }) => run)).toEqual([second, first]);
  const [past] = runs;
  expect(past).toMatchObject({ release: 'rc1', outcome: 'passed' });
  expect(past!.steps.map(({ text, occurrence, state, line }) => [text, occurrence, state, line])).toEqual([
    ['kill -9 Engine', 0, 'passed', 0],
    ['wait crash of Engine within 5s', 0, 'passed', 1],
    ['expect Engine.rss < 1000 within 5s', 0, 'passed', 2],
    ['echo PASS', 0, 'passed', 3],
    ['echo again', 0, 'passed', 4],
    ['echo again', 1, 'passed', 5],
  ]);
  expect(past!.conditions.map(({ form, state }) => [form, state])).toContainEqual(['expect', 'met']);
  expect(past!.metrics).toEqual([{ name: 'Engine.rss', unit: 'none', mean: 109.5, maximum: 119 }]);
  // Noticing the crash is no recovery; the condition that was awaited next is.
  expect(past!.faults).toMatchObject([{ text: 'kill -9 Engine' }]);
  expect(past!.faults[0]!.recovered).toBeGreaterThan(100);
  expect(await history(scripted.console, 1)).toHaveLength(1);
  // Of the past of a run: itself and what was before it; accepted runs are there however many others are newer.
  const pastOf = async (of: typeof first, limit: number) =>
    (await scripted.console.request('scenario.history', { scenario: 'failover', limit, of })).runs.map(({ run, accepted }) => [
      run,
      accepted,
    ]);
  expect(await pastOf(first, 20)).toEqual([[first, false]]);
  await scripted.console.request('runs.remark', { run: first, remark: { kind: 'decision', decision: 'accepted', text: '' } });
  expect(await pastOf(second, 1)).toEqual([[second, false], [first, true]]); // prettier-ignore
  await scripted.console.request('runs.remark', { run: first, remark: { kind: 'decision', decision: 'undecided', text: '' } });
  expect((await scripted.console.request('scenario.history', { scenario: 'other', limit: 5 })).runs).toEqual([]);

  const kept = join(scripted.folder, 'archive', '.history');
  expect((await readdir(kept)).toSorted()).toEqual([`${first}.json`, `${second}.json`].toSorted());
  await writeFile(join(kept, `${first}.json`), '{ damaged');
  await writeFile(join(kept, '20200101T000000Z-gone-aaaa.json'), '{}');
  const other = await openConsole({ archiveFolder: join(scripted.folder, 'archive') });
  try {
    expect(await history(other.console)).toEqual(runs);
    expect(JSON.parse(await readFile(join(kept, `${first}.json`), 'utf8'))).toMatchObject({ past: { run: first } });
    expect((await readdir(kept)).length).toBe(2);
    await other.console.request('runs.delete', { run: first });
    expect((await history(other.console)).map(({ run }) => run)).toEqual([second]);
  } finally {
    await other.owned.dispose();
  }
});
