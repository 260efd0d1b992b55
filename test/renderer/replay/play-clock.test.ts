/** How fast a replay goes: by the frames' time, never over what nobody saw, and honest about what it achieved. */
import { describe, expect, test } from 'vitest';
import { factorOf, PlayClock, speedBeside, speeds } from '../../../renderer/stores/replay/play-clock.ts';

function played(factor: number, frame: number, count: number) {
  const clock = new PlayClock();
  let moved = 0;
  for (let turn = 0; turn <= count; turn++) moved += clock.advance(1_000 + turn * frame, factor);
  return { moved, achieved: clock.achieved };
}

describe('a replay', () => {
  test('goes on by the time that went by, times its speed', () => {
    expect(played(100, 16, 60).moved).toBeCloseTo(96_000);
    expect(played(100, 16, 60).achieved).toBeCloseTo(100);
    expect(played(0.1, 20, 60).moved).toBeCloseTo(120);
  });

  test('tells that it is slower than asked where frames take too long', () => {
    const { achieved } = played(100, 400, 10);
    expect(achieved).toBeCloseTo(25);
  });

  test('tells nothing before there is something to tell, and begins anew after a pause', () => {
    const clock = new PlayClock();
    expect(clock.advance(5_000, 10)).toBe(0);
    expect(clock.achieved).toBeNull();
    for (let now = 5_016; now < 6_000; now += 16) clock.advance(now, 10);
    expect(clock.achieved).toBeCloseTo(10);
    clock.restart();
    expect(clock.advance(60_000, 10)).toBe(0);
    expect(clock.achieved).toBeNull();
  });

  test('at its maximum shows a long run in seconds, and a short one fast', () => {
    expect(factorOf('max', 3_600_000)).toBe(1_200);
    expect(factorOf('max', 10_000)).toBe(200);
    expect(factorOf(5, 10_000)).toBe(5);
  });

  test('changes its speed step by step, up to the ends of the list', () => {
    expect([speedBeside(1, 1), speedBeside(1, -1), speedBeside('max', 1), speedBeside(0.1, -1)]).toEqual([2, 0.5, 'max', 0.1]);
    expect(speeds.map((speed) => speedBeside(speed, 0))).toEqual([...speeds]);
  });
});
