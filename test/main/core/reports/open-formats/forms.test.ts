/** Whatever series, texts and values are called: names are valid and told apart, CSV and markup stay what they are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '#main/core/reports/html/markup.ts';
import { rangeOf, roundValues } from '#main/core/reports/html/scale.ts';
import { csvText } from '#main/core/reports/open-formats/csv.ts';
import { endOfExposition, familyHead, SampleNames, sampleLine } from '#main/core/reports/open-formats/exposition.ts';
import { FamilyNames, mapSeries, splitMetric } from '#main/core/reports/open-formats/metric-names.ts';
import { unitSchema } from '#shared/telemetry/series.ts';
import { readCsv } from '../read-csv.ts';
import { readOpenMetrics } from '../read-openmetrics.ts';

const seed = { seed: 20_261_121, numRuns: 300 };
const metric = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
  fc.stringMatching(/^[a-z_.:]{1,12}(_total|_info|_bytes|_seconds)?$/),
  fc.tuple(fc.stringMatching(/^[a-z_]{1,8}$/), fc.string({ maxLength: 8 })).map(([name, value]) => `${name}{side="${value}"}`),
  fc.constantFrom(
    'core_uptime',
    'run_duration',
    'component_state',
    'step_duration',
    '{',
    '{}',
    'a{b="c"',
    '_total',
    'x{__name__="y"}',
    'x{component="y"}',
  ),
);
const series = fc.record({
  metric,
  unit: fc.constantFrom(...unitSchema.options),
  kind: fc.constantFrom('gauge' as const, 'counter' as const),
});

test('series of any names make a valid text in which different series are different', () => {
  fc.assert(
    fc.property(fc.uniqueArray(series, { maxLength: 12, selector: ({ metric, unit, kind }) => `${metric} ${unit} ${kind}` }), (all) => {
      const names = new FamilyNames();
      const families = new Map<string, string>();
      const samples = new SampleNames();
      for (const each of all) {
        const mapped = mapSeries(each);
        const family = { ...names.nameOf(mapped), help: each.metric };
        const name = samples.nameOf(family, { ...mapped.labels, component: 'Engine' }, each.metric);
        families.set(family.family, (families.get(family.family) ?? familyHead(family)) + sampleLine(name, 1, 1_000));
      }
      const read = readOpenMetrics([...families.values()].join('') + endOfExposition);
      expect([...read.values()].flatMap(({ samples }) => samples)).toHaveLength(all.length);
      // None of them takes a name that the core uses of itself.
      expect([...read.keys()].filter((name) => /^testops_(core|daemon|environment|run|step|component)(_|$)/.test(name))).toEqual([]);
      expect([...read.values()].flatMap(({ samples }) => samples).every(({ labels }) => labels['component'] === 'Engine')).toBe(true);
    }),
    seed,
  );
});

test('labels of a series keep their values; those that are called like ours are renamed', () => {
  expect(splitMetric('orders{side="buy",run="7"}')).toEqual({ bare: 'orders', labels: { side: 'buy', exported_run: '7' } });
  expect(splitMetric(String.raw`x{path="a\\b\"c\n"}`)).toEqual({ bare: 'x', labels: { path: 'a\\b"c\n' } });
  expect(splitMetric('x{side=buy}')).toEqual({ bare: 'x{side=buy}', labels: {} });
  expect(mapSeries({ metric: 'latency', unit: 'ms', kind: 'gauge' })).toMatchObject({ family: 'testops_latency_seconds', factor: 0.001 });
  expect(mapSeries({ metric: 'orders_total', unit: 'count', kind: 'counter' })).toMatchObject({
    family: 'testops_orders',
    type: 'counter',
  });
  expect(mapSeries({ metric: 'received_bytes', unit: 'bytes', kind: 'gauge' })).toMatchObject({ family: 'testops_received_bytes' });
});

test('CSV is read back as it was, but for what a spreadsheet would execute', () => {
  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('=1+1', '-2', '@x', '+3', '"', '\r\n', 'a,b', '\t=x'),
  );
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 5 }), (rows) => {
      const read = readCsv(csvText(rows));
      expect(read.map((row) => row.length)).toEqual(rows.map((row) => row.length));
      for (const text of read.flat()) expect(text).not.toMatch(/^[=+\-@\t\r\n]/);
      rows.flat().forEach((text, index) => {
        if (/^[A-Za-z0-9 ,"]*$/.test(text)) expect(read.flat()[index]).toBe(text);
      });
    }),
    seed,
  );
});

test('no text leaves its element or its attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 30 }), (text) => {
      const { text: made } = html`<p title="${text}">${text}</p>`;
      expect(made.replace(/^<p title="[^"<>]*">[^<>"]*<\/p>$/, '')).toBe('');
    }),
    seed,
  );
});

test('axes have round values within their range, whatever the values', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 1, maxLength: 20 }), (values) => {
      const range = rangeOf(values);
      expect(range).not.toBeNull();
      const ticks = roundValues(range!.from, range!.to, 5);
      expect(ticks.length).toBeLessThanOrEqual(6);
      const room = (range!.to - range!.from) * 1e-6;
      expect(ticks.every((tick) => tick >= range!.from - room && tick <= range!.to + room)).toBe(true);
    }),
    seed,
  );
});
