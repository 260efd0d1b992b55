/** A run played again at the terminal: in its own time, faster, step by step, and back to how everything stood. */
import { afterEach, describe, expect, test } from 'vitest';
import { TerminalReplay, type ReplayTime } from '#main/cli/terminal-replay.ts';
import { Terminal } from '#main/cli/terminal.ts';
import type { RecordBody, RunRecord } from '#shared/run/records.ts';
import { step } from './sample-records.ts';

/** Time that passes when the test says so. */
class SetTime implements ReplayTime {
  private present = 0;
  private waiting: { readonly due: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.present;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const entry = { due: this.present + milliseconds, callback };
    this.waiting.push(entry);
    return () => (this.waiting = this.waiting.filter((each) => each !== entry));
  }

  pass(milliseconds: number): void {
    const end = this.present + milliseconds;
    for (;;) {
      const next = this.waiting.toSorted((one, other) => one.due - other.due)[0];
      if (!next || next.due > end) break;
      this.waiting = this.waiting.filter((each) => each !== next);
      this.present = next.due;
      next.callback();
    }
    this.present = end;
  }
}

const start = 1_700_000_000_000;
const begin = (execution: number, text: string): RecordBody => ({ kind: 'step-started', step: step(execution, execution - 1, text) });
const end = (execution: number, text: string): RecordBody => ({
  kind: 'step-finished',
  step: step(execution, execution - 1, text),
  state: 'passed',
  message: null,
  result: null,
  duration: 1,
});
const variable = (value: string): RecordBody => ({ kind: 'variable', execution: null, name: 'colour', value });

/** A run of ten seconds: a step at 0, 4 and 8 s; the variable changes within each. */
const run: RunRecord[] = (
  [
    [0, begin(1, 'first step')],
    [1, variable('red')],
    [2, end(1, 'first step')],
    [4, begin(2, 'second step')],
    [5, variable('green')],
    [6, end(2, 'second step')],
    [8, begin(3, 'third step')],
    [9, variable('blue')],
    [10, end(3, 'third step')],
    [10, { kind: 'run-finished', outcome: 'passed', reason: '' }],
  ] as const satisfies readonly (readonly [number, RecordBody])[]
).map(([second, body], index) => ({ ...body, sequence: index + 1, time: start + second * 1_000 }));

const open: TerminalReplay[] = [];
afterEach(() => {
  for (const each of open.splice(0)) each.dispose();
});

function replayOf(records: readonly RunRecord[], speed: number) {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: unknown) => written.push(String(text)) > 0 } as unknown as NodeJS.WriteStream;
  const time = new SetTime();
  let ends = 0;
  const player = new TerminalReplay(records, new Terminal(stream, stream), time, speed, () => ends++);
  open.push(player);
  return { player, time, ends: () => ends, text: () => written.join(''), clear: () => written.splice(0) };
}

describe('a run played again at the terminal', () => {
  test('each record is shown when its time has come', () => {
    const { player, time, text, ends } = replayOf(run, 1);
    player.play();
    time.pass(3_900);
    expect(text()).toContain('first step');
    expect(text()).not.toContain('second step');
    time.pass(2_200);
    expect(text()).toContain('second step');
    expect(ends()).toBe(0);
    time.pass(4_000);
    expect(text()).toContain('third step');
    expect(text()).toContain('PASSED');
    expect(ends()).toBe(1);
  });

  test.each([
    [10, 1_000],
    [0.5, 20_000],
  ])('at x%s it takes %s ms', (speed, duration) => {
    const { player, time, ends } = replayOf(run, speed);
    player.play();
    time.pass(duration - 1);
    expect(ends()).toBe(0);
    time.pass(1);
    expect(ends()).toBe(1);
  });

  test('as fast as possible it waits for nothing', () => {
    const { player, time, ends } = replayOf(run, Infinity);
    player.play();
    time.pass(0);
    expect(ends()).toBe(1);
  });

  test('a change of speed counts from the moment at which it is made', () => {
    const { player, time, ends } = replayOf(run, 1);
    player.play();
    time.pass(4_000);
    player.changeSpeed(1);
    time.pass(2_999);
    expect(ends()).toBe(0);
    time.pass(1);
    expect(ends()).toBe(1);
  });

  test('paused, nothing moves; it goes on where it was', () => {
    const { player, time, text } = replayOf(run, 1);
    player.play();
    time.pass(1_000);
    player.pause();
    time.pass(60_000);
    expect(text()).not.toContain('second step');
    player.play();
    time.pass(3_000);
    player.nextStep();
    expect(text()).toContain('second step');
  });

  test('step by step forward, and back with everything as it stood then', () => {
    const { player, text, clear } = replayOf(run, 1);
    player.nextStep();
    player.nextStep();
    player.nextStep();
    expect(text()).toMatch(/first step[^]*second step/);
    clear();
    player.showState();
    expect(text()).toMatch(/colour +green/);
    clear();
    player.previousStep();
    expect(text()).toContain('◂ at step 1 second step, 4.00 s');
    expect(text()).toMatch(/colour +red/);
    clear();
    player.previousStep();
    player.previousStep();
    expect(text()).toContain('◂ at the beginning');
    expect(text()).not.toContain('colour');
  });

  test('after the way back the trace at the end names each step once', () => {
    const { player, text, clear } = replayOf(run, 1);
    for (let count = 0; count < 4; count++) player.nextStep();
    player.previousStep();
    clear();
    player.nextStep();
    expect(text()).toContain('Trace: 0 1 2\n');
  });

  test('begins at a step; a number that no step has is told', () => {
    const { player, text } = replayOf(run, 1);
    expect(player.goToStep(7)).toBe(false);
    expect(player.goToStep(2)).toBe(true);
    expect(text()).toContain('at step 2 third step');
  });

  test('a clock that was set back during the run holds nothing up', () => {
    const back = run.map((record) => (record.sequence > 5 ? { ...record, time: record.time - 3_600_000 } : record));
    const { player, time, ends } = replayOf(back, 1);
    player.play();
    time.pass(5_000);
    expect(ends()).toBe(1);
  });
});
