/** The engine with the real journal: on a disk that is full for a while, and in bounded memory. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { faultyFiles, type Fault } from '../../../faults/faulty-files.ts';
import { manifestOf, readAll, realClock, removeFolder, runId, temporaryFolder } from '../archive/fixtures.ts';
import { newCommandId } from './fakes.ts';
import { programOf, resolveForTests } from './harness.ts';
import { openArchive, type Archive } from '#main/core/archive/archive.ts';
import { maximumUnacknowledged } from '#main/core/engine/recorder.ts';
import { RunEngine } from '#main/core/engine/run-engine.ts';
import type { RunJournal } from '#main/core/ports.ts';
import type { Clock } from '#platform/clock.ts';
import { startMachine } from '#shared/scenario/machine.ts';

const hastyClock: Clock = { ...realClock, after: (milliseconds, callback) => realClock.after(Math.min(milliseconds, 5), callback) };
let folder: string;
let archive: Archive;
let fault: Fault;

beforeEach(async () => {
  folder = await temporaryFolder();
  fault = null;
  const files = faultyFiles((operation, file) => (file.endsWith('log.ndjson') && operation === 'write' ? fault : null));
  archive = await openArchive({ folder, clock: hastyClock, files });
});
afterEach(async () => {
  fault = null;
  await archive.dispose();
  await removeFolder(folder);
});

function engineFor(text: string, journal: RunJournal): RunEngine {
  const program = programOf(text);
  const state = startMachine(program, {
    variables: {},
    release: 'rc1',
    uniqueSeed: '3f9a',
    failurePolicy: 'abort',
    stepBudget: 1_000_000,
    breakpoints: [],
    startPaused: false,
  });
  const common = { program, state, journal, clock: realClock, newCommandId, resolve: resolveForTests };
  const engine = new RunEngine({ ...common, link: null, plugins: null, limits: [], mode: 'dry', attended: false, operator: 'alice' });
  engine.finished.catch(() => undefined);
  return engine;
}

test('a disk that fills up pauses the run with a clear message, and the run goes on by itself when there is room', async () => {
  const journal = await archive.create(manifestOf(runId()));
  const engine = engineFor('repeat 10000\n  exec_smoke\nend', journal);
  const told: string[] = [];
  engine.onProblem(({ code }) => told.push(code));
  engine.start();
  await vi.waitFor(() => expect(engine.machine.executions).toBeGreaterThan(1_000));
  fault = 'ENOSPC';
  await vi.waitFor(() => expect(told.length).toBe(1), 5_000);
  const standing = engine.machine.executions;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(engine.machine.executions).toBeLessThanOrEqual(standing + 1);
  fault = null;
  expect(await engine.finished).toMatchObject({ outcome: 'passed' });
  expect(told.length).toBe(2);
  await journal.finish();
  const records = await readAll(archive.read(runId(), 1));
  expect(records.map(({ sequence }) => sequence)).toEqual(records.map((_, index) => index + 1));
  const paused = records.findIndex((record) => record.kind === 'paused' && record.reason === 'disk');
  expect(records[paused + 1]).toMatchObject({ kind: 'problem', severity: 'error' });
  expect(records.slice(paused).findIndex(({ kind }) => kind === 'resumed')).toBeGreaterThan(0);
  expect(records.filter(({ kind }) => kind === 'step-finished').length).toBe(20_001);
}, 60_000);

test('records under way to the disk are bounded, however fast the steps are', async () => {
  const journal = await archive.create(manifestOf(runId()));
  const append = journal.append.bind(journal);
  let underWay = 0;
  let most = 0;
  journal.append = async (body) => {
    most = Math.max(most, ++underWay);
    try {
      return await append(body);
    } finally {
      underWay--;
    }
  };
  const engine = engineFor('repeat 5000\n  exec_smoke\nend', journal);
  engine.start();
  await engine.finished;
  expect(most).toBeGreaterThan(16);
  // One transition of the machine may add a few after the bound was reached.
  expect(most).toBeLessThan(maximumUnacknowledged + 100);
}, 60_000);
