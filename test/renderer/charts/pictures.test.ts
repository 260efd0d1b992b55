import { describe, expect, test } from 'vitest';
import { bandsOf, limitBand, rangeWithLimits } from '../../../renderer/views/run/charts/limit-bands.ts';
import { placeMarkers, shortLabel } from '../../../renderer/views/run/charts/marker-placement.ts';
import { legendNames, seriesTree } from '../../../renderer/views/run/charts/series-tree.ts';
import { axisRange } from '../../../renderer/views/run/charts/units.ts';
import type { Marker } from '../../../renderer/stores/charts-markers.ts';
import type { KnownSeries } from '#shared/contract/telemetry.ts';

describe('the range of an axis', () => {
  test('is the same for values that tremble a little', () => {
    expect(axisRange(70.2, 79.8, 'bytes')).toEqual(axisRange(70.4, 79.6, 'bytes'));
  });
  test('begins at zero when the values come near it, and ends at 100 %', () => {
    expect(axisRange(3, 99, '%')).toEqual([0, 100]);
  });
  test('shows a steady value in the middle, not as noise', () => {
    const [from, to] = axisRange(80, 80, 'bytes');
    expect(from).toBeLessThan(80);
    expect(to).toBeGreaterThan(80);
    expect(to - from).toBeLessThan(20);
  });
  test('is usable without any value', () => {
    expect(axisRange(null, null, '%')).toEqual([0, 100]);
    expect(axisRange(Number.NaN, Number.POSITIVE_INFINITY, 'ms')).toEqual([0, 1]);
  });
});

describe('limits', () => {
  test('forbid what their condition does not allow', () => {
    expect(limitBand({ series: 'A.rss', text: 'A.rss < 500MB', severity: 'error' })).toMatchObject({ edge: 5e8, from: 5e8, to: Infinity });
    expect(limitBand({ series: 'A.free', text: 'A.free >= 5%', severity: 'warning' })).toMatchObject({ edge: 5, from: -Infinity, to: 5 });
    expect(limitBand({ series: 'A.n', text: 'A.n == 5', severity: 'warning' })).toBeNull();
    expect(limitBand({ series: 'A.n', text: 'A.n < <script>', severity: 'warning' })).toBeNull();
  });
  test('stand in the charts of their series only, each once', () => {
    const limit = { series: 'A.rss', text: 'A.rss < 500MB', severity: 'error' } as const;
    expect(bandsOf([limit, limit], ['A.rss', 'B.rss'])).toHaveLength(1);
    expect(bandsOf([limit], ['B.rss'])).toEqual([]);
  });
  test('widen the range when values come near, and never squeeze the lines', () => {
    const limitAt = (edge: number) => ({ series: 'a', text: '', severity: 'error' as const, edge, from: edge, to: Infinity });
    expect(rangeWithLimits([0, 100], [limitAt(120)])[1]).toBeGreaterThan(120);
    expect(rangeWithLimits([0, 100], [limitAt(1_000)])).toEqual([0, 100]);
  });
});

describe('marks in a picture', () => {
  const at = (time: number, kind: Marker['kind'], label: string = kind): Marker => ({ time, kind, label, execution: null });

  test('stand where their time is', () => {
    const [only] = placeMarkers([at(250, 'fault')], 0, 1_000, 400, 6);
    expect(only).toMatchObject({ x: 100, label: 'fault' });
  });
  test('give way to more important ones where there is no room', () => {
    const placed = placeMarkers([at(500, 'step', '1'), at(501, 'crash'), at(502, 'step', '2')], 0, 1_000, 400, 6);
    expect(placed.map(({ marker }) => marker.kind)).toEqual(['crash']);
  });
  test('never write labels over one another', () => {
    const markers = Array.from({ length: 200 }, (_, index) => at(index * 5, 'note', `note number ${index}`));
    const labelled = placeMarkers(markers, 0, 1_000, 600, 6).filter(({ label }) => label !== null);
    expect(labelled.length).toBeGreaterThan(3);
    for (const row of [0, 1]) {
      const ends = labelled.filter((each) => each.row === row).map(({ x, label }) => [x + 2, x + 6 + (label?.length ?? 0) * 6] as const);
      expect(ends.every(([start], index) => index === 0 || start > (ends[index - 1]?.[1] ?? 0))).toBe(true);
    }
  });
  test('are as few as the picture is wide, however many steps ran', () => {
    const markers = Array.from({ length: 50_000 }, (_, index) => at(index, 'step'));
    expect(placeMarkers(markers, 0, 50_000, 400, 6).length).toBeLessThanOrEqual(101);
  });
  test('show the beginning of the first line of a long label', () => {
    expect(shortLabel('a note that is very much too long\nand more')).toBe('a note that is very m…');
  });
});

describe('the tree of series', () => {
  const series = (component: string, metric: string): KnownSeries => ({
    name: `${component}.${metric}`,
    component,
    metric,
    unit: 'none',
    kind: 'gauge',
    daemon: 'D',
  });
  test('shows components closed until something is searched for', () => {
    const known = [series('A', 'rss'), series('B', 'rss'), series('B', 'cpu')];
    expect(seriesTree(known, [], '', new Set()).rows).toHaveLength(2);
    const found = seriesTree(known, ['B'], 'b RS', new Set());
    expect(found.rows.map((row) => (row.kind === 'series' ? row.name : row.component))).toEqual(['B', 'B.rss']);
  });
  test('stays short with very many series, and says how many it left out', () => {
    const known = Array.from({ length: 5_000 }, (_, index) => series(`C${index % 5}`, `m${index}`));
    const tree = seriesTree(known, [], 'm', new Set());
    expect(tree.rows.length).toBeLessThanOrEqual(405);
    expect(tree.matches).toBe(5_000);
    expect(tree.rows.filter(({ kind }) => kind === 'series').length + tree.omitted).toBe(5_000);
  });
  test('leaves out of legends what all series share', () => {
    expect(legendNames(['A.rss', 'B.rss'])).toEqual(['A', 'B']);
    expect(legendNames(['A.rss', 'A.cpu'])).toEqual(['rss', 'cpu']);
    expect(legendNames(['A.rss'])).toEqual(['A.rss']);
  });
});
