/** What an archive keeps: the rules by themselves, and a real core that removes runs by them. */
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openArchive } from '#main/core/archive/archive.ts';
import { openCore, type OpenCore } from '#main/core/core.ts';
import { fatesOf, type KeptRun } from '#main/core/history/retention-rules.ts';
import { RemarkStore } from '#main/core/archive/remark-store.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { Decision } from '#shared/run/run-words.ts';
import { manifestOf, realClock, recordRun, removeFolder, runId, temporaryFolder } from '../archive/fixtures.ts';
import { summaryOf } from '#main/core/archive/catalogue.ts';

const day = 24 * 3_600_000;
const now = Date.UTC(2026, 10, 21);
const noTotals = { records: 1, samples: 1, series: 1, steps: 1, checksMet: 0, checksNotMet: 0, gapsLost: 0, bytes: 1_000 };

interface Made {
  readonly age?: number;
  readonly release?: string;
  readonly scenario?: string;
  readonly decision?: Decision;
  readonly mode?: 'live' | 'dry';
  readonly use?: string;
  readonly damage?: string;
  readonly outcome?: 'passed' | 'interrupted' | null;
  readonly finished?: boolean;
}

function kept(number: number, made: Made = {}): KeptRun {
  const { age = number, release = 'rc1', mode = 'live', decision = 'undecided', use = null, damage = null, outcome = 'passed' } = made;
  const totals = (made.finished ?? outcome !== null) ? noTotals : null;
  const manifest = manifestOf(runId(number), { startedAt: now - age * day, release, mode, outcome, totals });
  const summary = summaryOf(manifest);
  return { summary: { ...summary, scenario: made.scenario ?? summary.scenario, damage }, decision, use };
}

function going(runs: readonly KeptRun[], keepLast: number | null, maximumAge: number | null): RunId[] {
  const fates = fatesOf(runs, { keepLast, maximumAge }, now);
  return runs.flatMap(({ summary }) => (fates.get(summary.run)?.goes ? [summary.run] : []));
}

const reasonOf = (run: KeptRun, keepLast: number | null, maximumAge: number | null): string =>
  fatesOf([run], { keepLast, maximumAge }, now).get(run.summary.run)?.reason ?? '';

describe('the rules', () => {
  const ten = Array.from({ length: 10 }, (_, index) => kept(index + 1));

  test('without any rule, nothing goes', () => {
    expect(going(ten, null, null)).toEqual([]);
    expect(reasonOf(kept(1), null, null)).toBe('no rule is set');
  });

  test('one rule alone decides; of two, both must let a run go', () => {
    expect(going(ten, 7, null)).toEqual([8, 9, 10].map((number) => runId(number)));
    expect(going(ten, null, 8)).toEqual([9, 10].map((number) => runId(number)));
    expect(going(ten, 7, 8)).toEqual([9, 10].map((number) => runId(number)));
    expect(going(ten, 10, 0)).toEqual([]);
    const fates = fatesOf(ten, { keepLast: 7, maximumAge: 8 }, now);
    expect(fates.get(runId(9))).toEqual({ goes: true, reason: 'older than 8 days, and there are 8 newer runs of failover on rc1' });
    expect(fates.get(runId(8))).toEqual({ goes: false, reason: 'not older than 8 days' });
  });

  test('each scenario on each release has its own last ones; dry runs push no real run out', () => {
    const runs = [
      kept(1, { mode: 'dry' }),
      kept(2, { mode: 'dry' }),
      kept(3),
      kept(4, { release: 'rc2' }),
      kept(5, { scenario: 'other' }),
      kept(6),
    ];
    expect(going(runs, 1, null)).toEqual([runId(2), runId(6)]);
  });

  test('the newest run, where none is kept, is not told of newer ones', () => {
    expect([kept(1), kept(2)].map((run) => reasonOf(run, 0, null))).toEqual([
      'no run of failover on rc1 is kept',
      'no run of failover on rc1 is kept',
    ]);
  });

  test('what is accepted, damaged, not finished or used stays, and counts for nobody', () => {
    const stays = [
      kept(1, { decision: 'accepted' }),
      kept(2, { damage: 'it is missing.' }),
      kept(3, { outcome: 'interrupted', finished: false }),
      kept(4, { outcome: null }),
      kept(5, { use: 'it is being exported' }),
    ];
    expect(going(stays, 0, 0)).toEqual([]);
    expect(stays.map((run) => reasonOf(run, 0, 0))).toEqual([
      'accepted, so it goes only when it is named',
      'damaged (it is missing), so no rule removes it',
      'interrupted and not recovered yet',
      'it still goes on',
      'it is being exported',
    ]);
    // An accepted run is kept besides the last one, not as the last one.
    expect(going([kept(1, { decision: 'accepted' }), kept(2), kept(3)], 1, null)).toEqual([runId(3)]);
  });

  test('stricter rules never let more go, and whatever goes was neither accepted nor used', () => {
    const made = fc.record({
      age: fc.double({ min: 0, max: 100, noNaN: true }),
      release: fc.constantFrom('rc1', 'rc2'),
      decision: fc.constantFrom('accepted', 'rejected', 'undecided'),
      mode: fc.constantFrom('live', 'dry'),
      outcome: fc.constantFrom('passed', 'interrupted', null),
    } as const);
    const rule = fc.option(fc.nat(20));
    fc.assert(
      fc.property(fc.array(made, { maxLength: 40 }), rule, rule, (all, keepLast, maximumAge) => {
        const runs = all.map((each, index) => kept(index + 1, each));
        const gone = going(runs, keepLast, maximumAge);
        for (const run of runs) {
          const safe = run.decision === 'accepted' || run.summary.totals === null;
          if (safe) expect(gone).not.toContain(run.summary.run);
        }
        const fewer = going(runs, keepLast === null ? null : keepLast + 1, maximumAge === null ? null : maximumAge + 1);
        expect(fewer.filter((run) => !gone.includes(run))).toEqual([]);
      }),
      { seed: 20_261_121, numRuns: 300 },
    );
  });
});

describe('a core', () => {
  let base: string;
  let folder: string;
  let core: OpenCore;
  beforeEach(async () => {
    base = await temporaryFolder();
    folder = path.join(base, 'archive');
    const archive = await openArchive({ folder, clock: realClock });
    for (let number = 1; number <= 6; number++) {
      const journal = await archive.create(manifestOf(runId(number), { startedAt: Date.now() - number * day }));
      await recordRun(journal, 2, 2);
      await journal.finish();
    }
    await archive.dispose();
    core = await openCore({ archiveFolder: folder, home: path.join(base, 'home') });
  });
  afterEach(async () => {
    await core.dispose();
    await removeFolder(base);
  });

  const present = async (): Promise<string[]> => (await core.request('runs.list', {})).runs.map(({ run }) => run);
  const accept = (number: number) =>
    new RemarkStore(folder, () => Date.now()).add(runId(number), 'kim', { kind: 'decision', decision: 'accepted', text: 'good' });

  test('keeps rules beside the runs, and nothing goes by rules that cannot be read', async () => {
    const none = { keepLast: null, maximumAge: null };
    expect(await core.request('retention.rules', {})).toEqual({ rules: none });
    const rules = { keepLast: 2, maximumAge: 1.5 };
    expect(await core.request('retention.rules', { rules })).toEqual({ rules });
    const file = path.join(folder, '.retention.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ version: 1, rules });
    const { runs } = await core.request('retention.preview', {});
    expect(runs.filter(({ goes }) => goes).map(({ run }) => run)).toEqual([3, 4, 5, 6].map((number) => runId(number)));
    expect((await core.request('retention.preview', { rules: none })).runs.some(({ goes }) => goes)).toBe(false);
    await writeFile(file, '{"version":1,"rules":{"keepLast":-3');
    await expect(core.request('retention.preview', {})).rejects.toMatchObject({ problem: { code: 'retention-rules' } });
    await expect(core.request('retention.rules', { rules: { keepLast: -1, maximumAge: null } })).rejects.toMatchObject({
      problem: { code: 'bad-request' },
    });
    await core.request('retention.rules', { rules });
    expect(await core.request('retention.rules', {})).toEqual({ rules });
    expect(await present()).toHaveLength(6);
  });

  test('tells sizes as they are, damaged and half-copied folders among them', async () => {
    const half = path.join(folder, runId(7));
    await mkdir(half);
    await writeFile(path.join(half, 'samples.parquet'), Buffer.alloc(5_000));
    const { total, runs } = await core.request('retention.preview', { rules: { keepLast: 0, maximumAge: null } });
    const sizeOf = async (run: string): Promise<number> => {
      const names = await readdir(path.join(folder, run));
      return (await Promise.all(names.map((name) => readFile(path.join(folder, run, name))))).reduce((sum, { length }) => sum + length, 0);
    };
    for (const { run, bytes } of runs) {
      const real = await sizeOf(run);
      expect(Math.abs(bytes - real)).toBeLessThan(real * 0.2);
    }
    expect(total).toBe(runs.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(runs.find(({ run }) => run === runId(7))).toMatchObject({
      bytes: 5_000,
      goes: false,
      reason: expect.stringMatching(/^damaged/),
    });
    const applied = await core.request('retention.apply', { runs: [runId(7)], accepted: [runId(7)] });
    expect(applied).toMatchObject({ removed: 0, bytes: 0, problems: [expect.stringContaining('damaged')] });
    expect(await readdir(half)).toEqual(['samples.parquet']);
  });

  test('removes what is named, an accepted run only by name, and looks at each again', async () => {
    await accept(5);
    await accept(6);
    const { runs } = await core.request('retention.preview', { rules: { keepLast: 2, maximumAge: null } });
    const goes = runs.filter((run) => run.goes);
    expect(goes.map(({ run }) => run)).toEqual([runId(3), runId(4)]);
    // Meanwhile one of them is accepted, another is gone.
    await accept(3);
    await core.request('runs.delete', { run: runId(4) });
    const applied = await core.request('retention.apply', { runs: [runId(2), runId(3), runId(4), runId(6)], accepted: [runId(5)] });
    expect(applied.removed).toBe(2);
    expect(applied.bytes).toBe(runs.filter(({ run }) => [runId(2), runId(5)].includes(run)).reduce((sum, { bytes }) => sum + bytes, 0));
    expect(applied.problems).toEqual([3, 6].map((number) => expect.stringContaining(`${runId(number)} stays: it was accepted`)));
    expect(await present()).toEqual([runId(1), runId(3), runId(6)]);
  });

  test('leaves alone what somebody looks at, exports or has open', async () => {
    await core.listen('run.records', { run: runId(6), from: 1 }, () => undefined).ended;
    await core.request('runs.points', { run: runId(5), series: [], columns: 10 });
    const lock = path.join(folder, runId(4), 'lock.json');
    await chmod(path.dirname(lock), 0o755);
    const other = { token: 't', pid: process.pid, started: null, boot: null, host: 'another-host' };
    await writeFile(lock, JSON.stringify(other));
    const rules = { keepLast: 0, maximumAge: null };
    const { runs } = await core.request('retention.preview', { rules });
    const reasons = new Map(runs.map(({ run, goes, reason }) => [run, goes ? 'goes' : reason]));
    expect([6, 5, 4, 3].map((number) => reasons.get(runId(number)))).toEqual([
      'somebody looks at it, or did a moment ago',
      'somebody looks at it, or did a moment ago',
      'open in a console at the moment',
      'goes',
    ]);
    const exported = core.request('runs.export', { run: runId(1), file: path.join(base, 'one.testops-run') });
    const all = [1, 2, 3, 4, 5, 6].map((number) => runId(number));
    await expect(core.request('runs.delete', { run: runId(1) })).rejects.toMatchObject({ problem: { code: 'run-exported' } });
    const applied = await core.request('retention.apply', { runs: all, accepted: all });
    expect((await exported).bytes).toBeGreaterThan(100);
    expect(applied.removed).toBe(all.length - applied.problems.length);
    const left = await present();
    expect(left).toEqual(expect.arrayContaining([4, 5, 6].map((number) => runId(number))));
    expect(left).not.toContain(runId(2));
    expect(left).not.toContain(runId(3));
  });
});
