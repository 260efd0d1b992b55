/** The Grafana dashboard that comes with the product: of the form that Grafana 10 and later read. That its queries fit is tested with Prometheus. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';

const file = join(import.meta.dirname, '..', '..', 'resources', 'grafana', 'testops.json');
const datasource = z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const gridPosition = z.object({ x: z.int().min(0).max(23), y: z.int().min(0), w: z.int().min(1).max(24), h: z.int().min(1) });
const row = z.object({
  id: z.int(),
  type: z.literal('row'),
  title: z.string().min(1),
  collapsed: z.boolean(),
  gridPos: gridPosition,
  panels: z.array(z.never()),
});
const panel = z.object({
  id: z.int(),
  type: z.enum(['stat', 'timeseries', 'state-timeline']),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource,
  gridPos: gridPosition,
  targets: z.array(z.object({ refId: z.string().regex(/^[A-Z]$/), datasource, expr: z.string().min(1), legendFormat: z.string() })).min(1),
  fieldConfig: z.object({
    defaults: z.object({
      unit: z.string(),
      thresholds: z.object({
        mode: z.literal('absolute'),
        steps: z.array(z.object({ color: z.string(), value: z.number().nullable() })).min(1),
      }),
    }),
    overrides: z.array(z.unknown()),
  }),
  options: z.record(z.string(), z.unknown()),
});
const dashboardSchema = z.object({
  uid: z.string().max(40),
  title: z.string(),
  // 38 came with Grafana 10.
  schemaVersion: z.int().min(38),
  refresh: z.string(),
  time: z.object({ from: z.string(), to: z.string() }),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.enum(['datasource', 'query']), query: z.unknown() })) }),
  annotations: z.object({ list: z.array(z.unknown()) }),
  panels: z.array(z.discriminatedUnion('type', [row, panel])),
});

const dashboard = dashboardSchema.parse(JSON.parse(readFileSync(file, 'utf8')));

test('panels have ids of their own and do not cover each other', () => {
  expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  const taken = new Map<string, string>();
  for (const { title, gridPos } of dashboard.panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.get(`${x} ${y}`), title).toBeUndefined();
        taken.set(`${x} ${y}`, title);
      }
    }
  }
});

test('every variable that a query uses is there', () => {
  const known = new Set(dashboard.templating.list.map(({ name }) => name));
  const used = JSON.stringify(dashboard).matchAll(/\$\{?([a-zA-Z_]+)/g);
  const unknown = [...used].map(([, name = '']) => name).filter((name) => !known.has(name) && !['__rate_interval', '__all'].includes(name));
  expect(unknown).toEqual([]);
});
