/** The sock-shop recordings that come with RCD (azamikram/rcd): a normal and a faulty file for each of 50 injected faults. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { median } from '#shared/analysis/robust.ts';
import { numberOf, profileOfSamples, readTable, type LabelledSet, type SampledSeries } from './labelled-runs.ts';

/** The part that settings may be tuned on. */
const tuned = /^(carts|catalogue)-/;

/** All of it, and the part that settings may be tuned on. */
export function sockShop(folder: string): LabelledSet[] {
  const root = join(folder, 'rcd', 'sock-shop-data');
  if (!existsSync(root)) return [];
  const faults = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const files = faults.flatMap(({ name }) => readdirSync(join(root, name)).map((turn) => ({ name, path: join(root, name, turn) })));
  const runs = files.map(({ name, path }, index) => ({
    name,
    normal: profileOfFile(join(path, 'normal.csv'), 2 * index),
    faulty: { profile: profileOfFile(join(path, 'anomalous.csv'), 2 * index + 1), causes: [name.split('-')[0] ?? name] },
  }));
  const setOf = (title: string, chosen: typeof runs): LabelledSet => ({
    name: title,
    normals: chosen.map(({ normal }) => normal),
    faulty: chosen.map(({ faulty }) => faulty),
  });
  const all = setOf('sock-shop', runs);
  const slow = all.normals.filter((run) => Number(run.conditions['load']) < 6);
  const quick = all.normals.filter((run) => Number(run.conditions['load']) >= 6);
  return [
    setOf(
      'sock-shop, carts and catalogue',
      runs.filter(({ name }) => tuned.test(name)),
    ),
    { ...all, regimes: [slow, quick] },
  ];
}

function profileOfFile(file: string, index: number): RunProfile {
  const [head = [], ...rows] = readTable(file);
  const times = rows.map(([time]) => Number(time));
  const series = head.slice(1).map((name, column): SampledSeries => {
    const [component = name, metric = '', percentile] = name.split('_');
    const factor = metric === 'lat' ? 1_000 : 1;
    return {
      name: `${component}.${[metric, percentile].filter((part) => part !== undefined).join('_')}`,
      unit: metric === 'cpu' ? '%' : metric === 'mem' ? 'bytes' : metric === 'lat' ? 'ms' : 'per second',
      values: rows.map((row) => factor * numberOf(row[column + 1])),
    };
  });
  const offered = series.find(({ name }) => name === 'carts.lod')?.values ?? [];
  const load = median(offered.filter(Number.isFinite));
  return profileOfSamples({
    index,
    times,
    series,
    environment: 'sock-shop',
    startedAt: 1_000 * (times[0] ?? 0),
    conditions: { load: load.toFixed(2) },
  });
}
