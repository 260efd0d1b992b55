/** After a core's death its runs get what the daemons observed meanwhile from their spools; what cannot be had is said to be lost. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openNetwork, saying, type NetworkOfProcesses } from '../../../network-of-processes.ts';
import { Database, literal } from '#main/core/archive/database.ts';
import { NumberRanges } from '#main/core/archive/number-ranges.ts';
import { parseNumbers } from '#main/core/archive/segment-writer.ts';
import { trustFolder } from '../../../trusted-folder.ts';
import { openCore } from '#main/core/core.ts';
import { Ownership } from '#shared/disposable.ts';
import type { RecordKind, RecordOf, RunRecord } from '#shared/run/records.ts';

const only = <Kind extends RecordKind>(records: readonly RunRecord[], kind: Kind): RecordOf<Kind>[] =>
  records.filter((record): record is RecordOf<Kind> => record.kind === kind);

/** Frames of samples of an archived run, by epoch; no sample stands twice. */
async function framesIn(folder: string): Promise<ReadonlyMap<string, NumberRanges>> {
  const database = await Database.open({ memory: '128MB', threads: 1 });
  try {
    const file = literal(join(folder, 'samples.parquet'));
    const rows = await database.rows(`SELECT decode(value) FROM parquet_kv_metadata(${file}) WHERE decode(key) = 'testops_numbers'`);
    const [[text]] = rows as [[string]];
    const twice = `SELECT series, time FROM read_parquet(${file}) GROUP BY series, time HAVING count(*) > 1`;
    expect(await database.number(`SELECT count(*) FROM (${twice})`)).toBe(0);
    return new Map(parseNumbers(text).map(({ epoch, numbers }) => [epoch as string, numbers]));
  } finally {
    database.dispose();
  }
}

/** Which numbers of each epoch a run has, as observations and samples; none twice, and observations in order. */
async function numbersIn(folder: string, records: readonly RunRecord[]): Promise<Map<string, NumberRanges>> {
  const all = new Map<string, NumberRanges>();
  const frames = await framesIn(folder);
  for (const epoch of new Set([...only(records, 'observation').map((record) => record.epoch as string), ...frames.keys()])) {
    const observed = only(records, 'observation').flatMap((record) => (record.epoch === epoch ? [record.number] : []));
    expect(observed).toEqual([...new Set(observed)].toSorted((one, other) => one - other));
    const numbers = NumberRanges.of(frames.get(epoch)?.toArray() ?? []);
    for (const number of observed) numbers.add(number);
    all.set(epoch, numbers);
  }
  return all;
}

let owned = new Ownership();
let network: NetworkOfProcesses;
let folder = '';
let archiveFolder = '';
let log = '';
beforeEach(async () => {
  owned = new Ownership();
  folder = await mkdtemp(join(tmpdir(), 'testops-recovery-'));
  owned.own(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
  archiveFolder = join(folder, 'archive');
  log = join(folder, 'some.log');
  await writeFile(log, '');
  network = await openNetwork({
    daemon: {
      host: { component: 'System', interval: '100ms' },
      logs: [{ files: [log], from: 'start', forward: 'all', rules: [] }],
      actions: { say: { command: ['echo', '{what}'], parameters: { what: { type: 'string' } } } },
    },
  });
  owned.own(network);
  await trustFolder(folder);
  await trustFolder(dirname(network.environmentFile));
});
afterEach(() => owned.dispose());

const writeLine = (line: string): Promise<void> => writeFile(log, `${line}\n`, { flag: 'a' });

/** Starts a run in a core of its own, and kills it after a while in the scenario's last step. */
async function killedRun(scenario: string): Promise<void> {
  const scenarioFile = join(folder, 'promises.scn');
  await writeFile(scenarioFile, scenario);
  const child = await network.start(
    'test/main/core/runs/recovery-child.ts',
    [archiveFolder, scenarioFile, network.environmentFile],
    'wait 1h',
  );
  await writeLine('before');
  await pause(1_500);
  // After it some samples are missing before a number that the log has.
  await writeLine('the last');
  await saying(child, 'the last');
  await child.kill('SIGKILL');
}

/** Recovers the only interrupted run; gives its records and folder when it is sealed. */
async function recovered(owes: boolean): Promise<{ readonly records: readonly RunRecord[]; readonly folder: string }> {
  const core = await openCore({ archiveFolder });
  owned.own(core);
  const [summary] = (await core.request('runs.list', {})).runs;
  if (!summary) throw new Error('there is no run');
  const { run } = summary;
  if (owes) {
    const { executed, failed } = await core.request('run.recover', { run, environmentFile: network.environmentFile });
    expect([executed.length, failed.length]).toEqual([1, 0]);
  }
  const records: RunRecord[] = [];
  await core.listen('run.records', { run, from: 1 }, (batch) => void records.push(...batch)).ended;
  const shown = await core.request('runs.show', { run });
  expect(shown.manifest).toMatchObject({ outcome: 'interrupted' });
  expect(shown.problems).toEqual([]);
  return { records, folder: shown.folder };
}

const promising = 'defer say undone\nsay begun\nwait 1h\n';
const linesTold = (records: readonly RunRecord[]): readonly string[] =>
  only(records, 'observation').flatMap(({ events }) => events.flatMap((event) => (event.kind === 'log' ? [event.text] : [])));

test('the daemon goes on: every record between the death and the recovery is in the log, once and in order', async () => {
  await network.startDaemon();
  await killedRun(promising);
  await writeLine('while nobody listened');
  await pause(1_000);
  const { records, folder: runFolder } = await recovered(true);
  expect(linesTold(records)).toEqual(['before', 'the last', 'while nobody listened']);
  const numbers = await numbersIn(runFolder, records);
  expect([...numbers.values()].map((each) => each.toArray().length)).toEqual([1]);
  expect(only(records, 'gap').filter(({ state }) => state === 'lost')).toEqual([]);
  const place = (wanted: (record: RunRecord) => boolean): number => records.findIndex(wanted);
  const fetched = place((record) => record.kind === 'observation' && JSON.stringify(record).includes('while nobody'));
  expect(fetched).toBeGreaterThan(place(({ kind }) => kind === 'recovered'));
  expect(fetched).toBeLessThan(place((record) => record.kind === 'step-started' && record.step.phase === 'deferred'));
  // It was heard all the time, as far as anybody knows.
  expect(only(records, 'presence').filter(({ state, states }) => state === 'lost' || states !== undefined)).toEqual([]);
}, 60_000);

test('the daemon was started anew meanwhile: the end of its first epoch and the beginning of its second are there', async () => {
  const daemon = await network.startDaemon();
  await killedRun(promising);
  await writeLine('at the end of an epoch');
  await pause(500);
  await daemon.kill('SIGTERM');
  await writeLine('while there was no daemon');
  await network.startDaemon();
  await pause(500);
  const { records, folder: runFolder } = await recovered(true);
  expect(linesTold(records)).toEqual(['before', 'the last', 'at the end of an epoch', 'while there was no daemon']);
  const numbers = await numbersIn(runFolder, records);
  expect([...numbers.values()].map((each) => each.toArray().length)).toEqual([1, 1]);
  expect([...numbers.values()][1]?.lowest).toBe(1);
  // It was started anew: told before anything of its new epoch, and since when it had not been heard.
  const [firstEpoch, secondEpoch] = [...numbers.keys()];
  const anew = records.findIndex((record) => record.kind === 'presence' && record.epoch === secondEpoch);
  expect(records[anew]).toMatchObject({ daemon: 'MEP', state: 'present', states: [], lastSign: expect.any(Number) });
  const observed = (epoch: string | undefined) => (record: RunRecord) => record.kind === 'observation' && record.epoch === epoch;
  expect(anew).toBeGreaterThan(records.findLastIndex(observed(firstEpoch)));
  expect(anew).toBeLessThan(records.findIndex(observed(secondEpoch)));
  const silence = only(records, 'presence').find(({ epoch }) => epoch === secondEpoch)?.lastSign ?? 0;
  const lastLine = only(records, 'observation').find((record) => JSON.stringify(record).includes('at the end of an epoch'));
  expect(silence).toBeGreaterThan(only(records, 'recovered')[0]!.time - 60_000);
  expect(silence).toBeGreaterThanOrEqual((lastLine?.events[0]?.time ?? Infinity) - 1_000);
  expect(only(records, 'gap').filter(({ state }) => state === 'lost')).toEqual([]);
}, 60_000);

test('the daemon has lost its spool: what is certainly missing is lost, each number accounted for', async () => {
  const daemon = await network.startDaemon();
  await killedRun(promising);
  await daemon.kill('SIGKILL');
  await rm(join(network.folder, 'state', 'spool'), { recursive: true });
  await network.startDaemon();
  const { records, folder: runFolder } = await recovered(true);
  const numbers = await numbersIn(runFolder, records);
  const [first] = numbers.keys();
  const lost = only(records, 'gap').filter(({ state, epoch }) => state === 'lost' && epoch === first);
  expect(lost.length).toBeGreaterThan(0);
  expect(new Set(lost.map(({ reason }) => reason))).toEqual(new Set(['This daemon holds no records of that epoch.']));
  const ranges = numbers.get(first ?? '');
  for (const { from, to } of lost) ranges?.add(from, to);
  expect(ranges?.toArray()).toHaveLength(1);
}, 60_000);

test('without a connection the same is stated as lost, and that nobody knows what came after', async () => {
  await network.startDaemon();
  await killedRun('say begun\nwait 1h\n');
  const { records, folder: runFolder } = await recovered(false);
  const [numbers] = (await numbersIn(runFolder, records)).values();
  const lost = only(records, 'gap').filter(({ state }) => state === 'lost');
  expect(lost.length).toBeGreaterThan(0);
  for (const { from, to, reason } of lost) {
    expect(reason).toContain('without asking the daemon');
    numbers?.add(from, to);
  }
  expect(numbers?.toArray()).toHaveLength(1);
  const told = only(records, 'problem').filter(({ code }) => code === 'records-not-asked');
  expect(told).toMatchObject([{ message: expect.stringContaining(`MEP after its record ${numbers?.highest}`) }]);
}, 60_000);
