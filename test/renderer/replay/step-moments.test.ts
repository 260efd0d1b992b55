/** Two runs on one cursor: as far into the same step, whatever the clocks say; what only one has is told. */
import { describe, expect, test } from 'vitest';
import { runRecordSchema, type RunRecord } from '#shared/run/records.ts';
import { Timeline } from '#shared/run/timeline.ts';
import { StepMoments } from '../../../renderer/stores/replay/step-moments.ts';

/** A run of these steps: their texts, and how long each took; 10 ms between them. */
function runOf(start: number, steps: readonly (readonly [text: string, duration: number])[]): Timeline {
  const records: RunRecord[] = [];
  let time = start;
  const tell = (body: Record<string, unknown>): void =>
    void records.push(runRecordSchema.parse({ ...body, sequence: records.length + 1, time }));
  tell({ kind: 'resumed' });
  for (const [index, [text, duration]] of steps.entries()) {
    const step = { execution: index + 1, scenario: 'main', line: index, number: index, text, depth: 0, phase: 'main' };
    time += 10;
    tell({ kind: 'step-started', step });
    time += duration / 2;
    tell({ kind: 'echo', execution: index + 1, text: `half of ${text}` });
    time += duration / 2;
    tell({ kind: 'step-finished', step, state: 'passed', message: null, result: null, duration });
  }
  const timeline = new Timeline();
  timeline.add(records);
  return timeline;
}

const own = runOf(1_000_000, [
  ['start', 100],
  ['kill', 1_000],
  ['extra', 50],
  ['smoke', 200],
]);
const other = runOf(5_000, [
  ['start', 300],
  ['kill', 100],
  ['smoke', 400],
  ['more', 20],
]);
const moments = new StepMoments(own, other);
const at = (time: number) => moments.moment(time, own.sequenceAt(time));

describe('the other run', () => {
  test('is as far into the same step', () => {
    const kill = own.step(1);
    const there = other.step(1);
    expect(at((kill?.from ?? 0) + 40)).toMatchObject({ how: 'within', time: (there?.from ?? 0) + 40, sequence: there?.begin });
    expect(at((kill?.from ?? 0) + 40).shift).toBe((kill?.from ?? 0) - (there?.from ?? 0));
    expect(at((kill?.from ?? 0) + 60).sequence).toBe((there?.begin ?? 0) + 1);
  });

  test('waits at the end of a step that was shorter there', () => {
    const there = other.step(1);
    expect(at((own.step(1)?.from ?? 0) + 900)).toMatchObject({ how: 'over', sequence: there?.end, time: other.step(2)?.from });
  });

  test('stands at the end of the last common step where it lacks one', () => {
    expect(at((own.step(2)?.from ?? 0) + 10)).toMatchObject({ how: 'missing', sequence: other.step(1)?.end, step: null });
    expect(at((own.step(3)?.from ?? 0) + 10)).toMatchObject({ how: 'within', step: { step: { text: 'smoke' } } });
  });

  test('has not begun either before the first step', () => {
    expect(at(1_000_004)).toMatchObject({ how: 'before', time: 5_004, sequence: 1 });
  });

  test('shows all steps of both, in order', () => {
    expect(moments.pairs()).toEqual([
      { own: 0, other: 0 },
      { own: 1, other: 1 },
      { own: 2, other: null },
      { own: 3, other: 2 },
      { own: null, other: 3 },
    ]);
  });

  test('without any step in common stands before its first', () => {
    const strange = new StepMoments(own, runOf(5_000, [['else', 10]]));
    expect(strange.moment(own.end ?? 0, own.length)).toMatchObject({ how: 'missing', step: null, sequence: 1 });
  });
});
