/** What of a run is to be seen in the strip: the pixels of its steps, laid over each other as they are drawn. */
import { describe, expect, test } from 'vitest';
import { recordBodySchema, type RecordBody } from '#shared/run/records.ts';
import { Timeline } from '#shared/run/timeline.ts';
import { endBar, markLeft, stepBars, type StripSpan } from '../../../renderer/views/run/replay/strip-geometry.ts';

type State = Extract<RecordBody, { kind: 'step-finished' }>['state'];

/** Steps one after the other: how they ended, and after how many ms. */
function runOf(steps: readonly (readonly [state: State, duration: number])[], outcome: 'passed' | 'failed' | 'error' = 'passed') {
  const timeline = new Timeline();
  let [sequence, time] = [0, 1_000];
  const add = (body: RecordBody) => {
    sequence += 1;
    timeline.add([{ ...recordBodySchema.parse(body), sequence, time }]);
  };
  steps.forEach(([state, duration], index) => {
    const step = {
      execution: index + 1,
      scenario: 'failover',
      line: index,
      number: index + 1,
      text: 'x',
      depth: 0,
      phase: 'main' as const,
    };
    add({ kind: 'step-started', step });
    time += duration;
    add({ kind: 'step-finished', step, state, message: null, result: null, duration });
  });
  add({ kind: 'run-finished', outcome, reason: '' });
  return { timeline, strip: { start: 1_000, end: time, width: 600 } };
}

/** The state that is to be seen in each pixel. */
function pixels(timeline: Timeline, strip: StripSpan): (State | null)[] {
  const seen = Array.from({ length: strip.width }, (): State | null => null);
  for (const { left, width, state } of stepBars(timeline, strip)) {
    for (let pixel = Math.ceil(left - 0.5); pixel < left + width - 0.5; pixel++) if (pixel in seen) seen[pixel] = state;
  }
  return seen;
}

const long = ['passed', 60_000] as const;

describe('a step that did not pass', () => {
  const states = ['failed', 'error', 'timed out'] as const;
  test.each(states)('(%s) is to be seen however short it was, and wherever it stands', (state) => {
    for (const steps of [
      [[state, 0.2], long],
      [long, [state, 0.2], long],
      [long, [state, 0]],
      [long, [state, 0], ...Array.from({ length: 50 }, () => ['passed', 0.1] as const), long],
    ] as const) {
      const { timeline, strip } = runOf(steps);
      expect(pixels(timeline, strip).filter((each) => each === state).length).toBe(3);
    }
  });

  test('is so in a run of nothing else, which took no time', () => {
    const { timeline, strip } = runOf([['failed', 0]]);
    expect(pixels(timeline, strip)).toContain('failed');
  });

  test('is not left out where only every third step is drawn', () => {
    const steps = Array.from({ length: 50_000 }, (_, index) => [index === 40_001 ? 'failed' : 'passed', 10] as const);
    const { timeline, strip } = runOf(steps);
    expect(pixels(timeline, strip).filter((each) => each === 'failed').length).toBe(3);
  });

  test('hides no step that began while it ran and is wide enough', () => {
    const { timeline, strip } = runOf([['failed', 30_000], long]);
    expect(stepBars(timeline, strip).map(({ index }) => index)).toEqual([0, 1]);
  });
});

describe('the end of a run', () => {
  test('that failed without a failed step is to be seen within the strip', () => {
    const { timeline, strip } = runOf([long], 'failed');
    expect(endBar(timeline, strip)).toEqual({ outcome: 'failed', left: 597, width: 3 });
  });
  test('that passed, or has not come, is not marked', () => {
    const { timeline, strip } = runOf([long]);
    expect(endBar(timeline, strip)).toBeNull();
    expect(endBar(new Timeline(), strip)).toBeNull();
  });
  test('keeps its marks within the strip', () => {
    const { strip } = runOf([long]);
    expect([markLeft(strip.end, strip), markLeft(strip.start, strip)]).toEqual([598, 0]);
  });
});
