/**
 * A core that is killed (SIGKILL) at thirty random points of a run: every acknowledged record is in the archive, every
 * command that was sent has its record, the run shows as interrupted, and exactly the promised undo commands are owed.
 */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cases } from '../thoroughness.ts';
import { countingEnvironment } from './counting-environment.ts';
import { openCore } from '#main/core/core.ts';
import type { RunId } from '#shared/identifiers.ts';
import type { RunRecord } from '#shared/run/records.ts';
import { randomFrom } from '../repeatable-random.ts';

const seed = 20_261_120;
const rounds = cases(30, 8);
const promises = 150;
/** Goes on for longer than any round lives; a half of the rounds is killed while the undo commands run. */
const scenario = (ends: boolean) => `repeat ${promises}
  set number count
  defer undo #{number}
  exec #{number}
end
${ends ? 'exit fail over' : 'wait 1h'}
`;

interface Heard {
  run: RunId | null;
  readonly records: RunRecord[];
  readonly sent: { readonly sent: string; readonly words: readonly string[] }[];
  ended: boolean;
}

/** Runs the child until it has said so many lines, and kills it at that moment. */
async function killAfter(lines: number, archiveFolder: string, scenarioFile: string): Promise<Heard> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'core-kill-child.ts'), archiveFolder, scenarioFile], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const heard: Heard = { run: null, records: [], sent: [], ended: false };
  let pending = '';
  let count = 0;
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    const whole = (pending + text).split('\n');
    pending = whole.pop() ?? '';
    for (const line of whole) {
      const said = JSON.parse(line) as { run?: RunId; record?: RunRecord; sent?: string; words?: string[]; ended?: true };
      if (said.run) heard.run = said.run;
      if (said.record) heard.records.push(said.record);
      if (said.sent) heard.sent.push({ sent: said.sent, words: said.words ?? [] });
      if (said.ended) heard.ended = true;
      if (++count === lines || said.ended) child.kill('SIGKILL');
    }
  });
  const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await new Promise((resolve) => child.once('close', resolve));
  clearTimeout(patience);
  return heard;
}

/** Promises of the log that were not kept, worked out without the reducer that the core uses. */
function promisesIn(records: readonly RunRecord[]): { readonly identifier: number; readonly words: readonly string[] }[] {
  const kept = new Set<number | undefined>();
  for (const record of records) if (record.kind === 'step-finished' && record.step.phase === 'deferred') kept.add(record.step.deferred);
  return records.flatMap((record) => (record.kind === 'deferred' && !kept.has(record.identifier) ? [record] : []));
}

async function judge(heard: Heard, archiveFolder: string): Promise<'interrupted' | 'finished'> {
  const undone: (readonly string[])[] = [];
  const core = await openCore({ archiveFolder, environments: countingEnvironment((words) => undone.push(words)), operator: 'bob' });
  try {
    const { runs } = await core.request('runs.list', {});
    expect(runs.length).toBe(1);
    const [{ run, outcome, damage }] = runs as [(typeof runs)[number]];
    expect(damage).toBeNull();
    const log: RunRecord[] = [];
    await core.listen('run.records', { run, from: 1 }, (records) => void log.push(...records)).ended;
    expect(log.map(({ sequence }) => sequence)).toEqual(log.map((_, index) => index + 1));
    expect(log.slice(0, heard.records.length)).toEqual(heard.records);
    const commands = new Set(log.flatMap((record) => (record.kind === 'command-sent' ? [record.command as string] : [])));
    expect(heard.sent.filter(({ sent }) => !commands.has(sent))).toEqual([]);
    if (log.some(({ kind }) => kind === 'run-finished') && !log.some(({ kind }) => kind === 'recovered')) return 'finished';

    expect(outcome).toBe('interrupted');
    const owed = promisesIn(log);
    const { runs: interrupted } = await core.request('runs.interrupted', {});
    if (owed.length === 0) {
      expect(interrupted).toEqual([]);
      return 'interrupted';
    }
    expect(interrupted).toMatchObject([{ run }]);
    expect(interrupted[0]?.owed.length).toBe(owed.length);
    const { executed, failed } = await core.request('run.recover', { run, environmentFile: 'environment.yaml' });
    expect(failed).toEqual([]);
    expect(executed.length).toBe(owed.length);
    expect(undone).toEqual(owed.toReversed().map(({ words }) => words));
    expect(await core.request('runs.interrupted', {})).toEqual({ runs: [] });
    return 'interrupted';
  } finally {
    await core.dispose();
  }
}

async function round(number: number, lines: number): Promise<'interrupted' | 'finished'> {
  const folder = await mkdtemp(join(tmpdir(), 'core-kill-'));
  try {
    const file = join(folder, 'promises.scn');
    await writeFile(file, scenario(number % 2 === 0));
    const heard = await killAfter(lines, join(folder, 'archive'), file);
    return await judge(heard, join(folder, 'archive'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test(`a core killed at ${rounds} random points loses nothing that it acknowledged and owes what it promised (seed ${seed})`, async () => {
  const random = randomFrom(seed);
  // A run says about 18 lines for each promise, and 7 more for each undo command, where it gets so far.
  const points = Array.from({ length: rounds }, (_, number) => 1 + Math.floor(random() * promises * (number % 2 === 0 ? 25 : 17)));
  const outcomes: string[] = [];
  const work = points.map((lines, number) => ({ lines, number }));
  const worker = async (): Promise<void> => {
    for (let next = work.shift(); next; next = work.shift()) outcomes.push(await round(next.number, next.lines));
  };
  // Both are waited for, also where one fails: no child may be left behind.
  for (const result of await Promise.allSettled([worker(), worker()])) if (result.status === 'rejected') throw result.reason;
  expect(outcomes.length).toBe(rounds);
  expect(outcomes.filter((outcome) => outcome === 'interrupted').length).toBeGreaterThan(rounds / 2);
}, 180_000);
