/** What is told of campaigns in words, how lanes are laid out, and what a wall shows. */
import { describe, expect, test } from 'vitest';
import { campaignBefore, shownCampaign } from '../../../renderer/stores/campaigns/campaigns.ts';
import { stretchOf } from '../../../renderer/stores/campaigns/campaign-lanes.ts';
import { KnownRows, windowsOf } from '../../../renderer/stores/campaigns/known-rows.ts';
import { radiatorLines } from '../../../renderer/stores/campaigns/radiator.ts';
import {
  countsText,
  forecastText,
  lookOfCampaign,
  lookOfLease,
  progressText,
  standingOf,
  stateWord,
} from '../../../renderer/views/campaigns/campaign-words.ts';
import { axisMarks, lanesOf } from '../../../renderer/views/campaigns/lane-rows.ts';
import { bandOf, inUrgency } from '../../../renderer/views/radiator/radiator-words.ts';
import { counts, leaseMade, summaryMade } from './campaign-made.ts';

describe('words', () => {
  test('counts tell what is red first, and how far it is', () => {
    const of = { tests: 10, results: counts({ passed: 3, failed: 1, 'passed on retry': 1 }) };
    expect(countsText(of)).toBe('1 failed, 1 passed on retry, 3 passed');
    expect(progressText(of)).toBe('5 of 10 tests (50 %)');
    expect(progressText({ tests: 31, results: counts({ 'not run': 31 }) })).toBe('0 of 31 tests (0 %)');
    expect(countsText({ results: counts() })).toBe('no result yet');
    expect(progressText({ tests: 0, results: counts() })).toContain('0 of 0 tests');
  });

  test('a forecast far away is told to the minute, a near one to the second', () => {
    const at = (hour: number, minute: number, second = 0) => new Date(2026, 10, 20, hour, minute, second).getTime();
    expect(forecastText({ p50: at(14, 32), p90: at(14, 40) }, at(13, 0))).toBe('ends about 14:32, at the latest 14:40');
    expect(forecastText({ p50: at(14, 32, 5), p90: at(14, 32, 9) }, at(14, 31))).toBe('ends about 14:32:05, at the latest 14:32:09');
    expect(forecastText({ p50: at(14, 32, 5), p90: at(14, 32, 50) }, at(13, 0))).toBe('ends about 14:32');
    expect(forecastText(null, 0)).toBeNull();
  });

  test('no two standings look alike without colour', () => {
    const signs = (['failed', 'broken', 'missing', 'infrastructure', 'passed', 'passed on retry', 'skipped', 'not run'] as const).map(
      (result) => standingOf({ result, state: 'over' }).sign,
    );
    expect(new Set(signs).size).toBe(signs.length);
    expect(standingOf({ result: 'failed', state: 'waiting' }).words).toBe('failed, tried again');
    expect(standingOf({ result: null, state: 'running' }).words).toBe('running');
  });

  test('a lease that came to nothing is never shown by a verdict', () => {
    expect(lookOfLease({ end: 'worker-lost', verdict: 'passed' })).toMatchObject({ words: 'worker lost', tone: 'not-live' });
    expect(lookOfLease({ end: 'done', verdict: 'failed' })).toMatchObject({ words: 'failed' });
    expect(lookOfLease({ end: 'done', verdict: null })).toMatchObject({ words: 'no verdict' });
    expect(lookOfLease({ end: null, verdict: null })).toMatchObject({ words: 'running' });
  });
});

describe('lanes', () => {
  const stretch = { from: 0, to: 1_000 };

  test('what ran at once stands in lines of its own, and a free line is used again', () => {
    const [lane] = lanesOf([leaseMade(1, 0, 500), leaseMade(2, 100, 300), leaseMade(3, 400, null)], ['MEP'], 'worker', stretch);
    expect(lane?.lines).toBe(2);
    expect(lane?.bars.map(({ line, from, width }) => [line, from, width])).toEqual([
      [0, 0, 0.5],
      [1, 0.1, 0.19999999999999998],
      [1, 0.4, 0.6],
    ]);
  });

  test('a worker without work has a lane; what began before the stretch begins with it; the shortest is seen', () => {
    const lanes = lanesOf([leaseMade(1, -500, 500), leaseMade(2, 600, 600)], ['Idle'], 'worker', stretch);
    expect(lanes.map(({ name, bars }) => [name, bars.length])).toEqual([
      ['Idle', 0],
      ['MEP', 2],
    ]);
    expect(lanes[1]?.bars[0]).toMatchObject({ from: 0, width: 0.5 });
    expect(lanes[1]?.bars[1]?.width).toBeGreaterThan(0);
    expect(lanesOf([leaseMade(1, 0, 1, { server: null })], [], 'server', stretch)).toEqual([]);
  });

  test('the axis has a handful of marks at round times', () => {
    expect(axisMarks({ from: 500, to: 5_500 })).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
    for (const span of [1_000, 60_000, 3_600_000, 40 * 86_400_000]) {
      expect(axisMarks({ from: 7, to: 7 + span }).length).toBeLessThanOrEqual(41);
    }
  });

  test('a campaign that is over is shown up to its end', () => {
    expect(stretchOf({ startedAt: 0, endedAt: 90_000 }, null, 500_000)).toEqual({ from: 0, to: 90_000 });
    expect(stretchOf({ startedAt: 0, endedAt: 90_000 }, 60_000, 500_000)).toEqual({ from: 30_000, to: 90_000 });
    expect(stretchOf({ startedAt: 0, endedAt: null }, null, 10)).toEqual({ from: 0, to: 1_000 });
  });
});

describe('rows of which only some are here', () => {
  test('are found by their place, and stay until newer ones come', () => {
    const rows = new KnownRows<string>().with(0, ['a', 'b'], 100_000).with(2, ['c'], 100_000);
    expect([rows.length, rows.at(1), rows.at(600), rows.at(1_000)]).toEqual([100_000, 'b', undefined, 'c']);
    expect(rows.findIndex((row) => row === 'c')).toBe(1_000);
    expect(rows.findIndex((row) => row === 'z')).toBe(-1);
    expect(rows.with(0, ['x'], 1).at(1_000)).toBeUndefined();
    expect(windowsOf(480, 1_010)).toEqual([0, 1, 2]);
  });

  test('not all are kept', () => {
    let rows = new KnownRows<number>();
    for (let window = 0; window < 40; window++) rows = rows.with(window, [window], 100_000);
    expect(rows.at(0)).toBeUndefined();
    expect(rows.at(39 * 500)).toBe(39);
  });
});

describe('the wall', () => {
  const passed = { outcome: 'passed', endedAt: 1 } as const;
  const failed = { outcome: 'failed', endedAt: 1, results: counts({ failed: 2 }) } as const;

  test('a campaign is red since the first that failed after it was green; one that was stopped says nothing', () => {
    const [line] = radiatorLines([
      summaryMade(9, { outcome: 'stopped', endedAt: 1 }),
      summaryMade(8, failed),
      summaryMade(7, failed),
      summaryMade(6, passed),
      summaryMade(5, failed),
    ]);
    expect(line).toMatchObject({ redSince: { revision: 'rc7' }, lastGreen: { revision: 'rc6' }, latest: { revision: 'rc9' } });
    const [green] = radiatorLines([summaryMade(8, passed), summaryMade(7, failed)]);
    expect(green).toMatchObject({ redSince: null, lastGreen: { revision: 'rc8' } });
  });

  test('one that goes on is red as soon as something failed; one that never was green says so', () => {
    const latest = summaryMade(3, { results: counts({ passed: 1, broken: 1 }) });
    const [line] = radiatorLines([latest]);
    if (!line) throw new Error('there is no line');
    expect(bandOf(line, latest, null, 0)).toMatchObject({
      tone: 'fail',
      words: '50 %, 1 red',
      details: ['never green yet', 'nobody has looked yet'],
    });
  });

  test('who looked last at what is red is told, and of what is green nothing', () => {
    const look = (operator: string) => ({ lookedAt: { operator, at: 60_000 } });
    const [line] = radiatorLines([
      summaryMade(8, failed),
      summaryMade(7, { ...failed, ...look('bob') }),
      summaryMade(6, { ...failed, ...look('eve') }),
    ]);
    if (!line) throw new Error('there is no line');
    expect(bandOf(line, line.latest, null, 0).details.at(-1)).toMatch(/^looked at by bob, /);
    const [green] = radiatorLines([summaryMade(9, passed), summaryMade(8, { ...failed, ...look('bob') })]);
    if (!green) throw new Error('there is no line');
    expect(bandOf(green, green.latest, null, 0).details.join()).not.toContain('looked');
  });

  test('a copy that nothing keeps current says when it stood so, and is not shown as going on', () => {
    const copy = summaryMade(3, { asOf: new Date(2026, 10, 20, 14, 31).getTime() });
    const [line] = radiatorLines([copy]);
    if (!line) throw new Error('there is no line');
    expect(bandOf(line, copy, null, copy.asOf ?? 0)).toMatchObject({ tone: 'warn', sign: '?', words: 'as of 14:31' });
    expect(lookOfCampaign(copy)).toMatchObject({ tone: 'not-live' });
    expect(stateWord(copy)).toBe('as of 14:31');
    expect(stateWord(summaryMade(3))).toBe('running');
  });

  test('what is red stands first', () => {
    const lines = radiatorLines([
      summaryMade(9, { ...passed, name: 'green' }),
      summaryMade(8, { name: 'goes on' }),
      summaryMade(7, { ...failed, name: 'red' }),
    ]);
    expect(inUrgency(lines).map(({ name }) => name)).toEqual(['red', 'goes on', 'green']);
  });
});

test('the newest campaign is shown unless one is chosen that is there; compared with the one before of its name', () => {
  const campaigns = [summaryMade(3), summaryMade(2, { name: 'other' }), summaryMade(1)];
  const choice = { campaign: null, part: 'tests' } as const;
  expect(shownCampaign({ choice, campaigns })?.revision).toBe('rc3');
  expect(shownCampaign({ choice: { ...choice, campaign: campaigns[2]?.campaign ?? null }, campaigns })?.revision).toBe('rc1');
  expect(shownCampaign({ choice: { ...choice, campaign: 'gone' }, campaigns })?.revision).toBe('rc3');
  expect(shownCampaign({ choice, campaigns: [] })).toBeNull();
  expect(campaignBefore(campaigns, summaryMade(3))?.revision).toBe('rc1');
  expect(campaignBefore(campaigns, summaryMade(1))).toBeNull();
});
