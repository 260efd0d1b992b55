/** PetShop (amazon-science/petshop-root-cause-analysis): traffic of several loads, normal hours and injected issues with their cause. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { median } from '#shared/analysis/robust.ts';
import {
  componentName,
  numberOf,
  profileOfSamples,
  readTable,
  type FaultyRun,
  type LabelledSet,
  type SampledSeries,
} from './labelled-runs.ts';

/** Samples of an issue's file, five minutes each; normal hours are cut into windows of as many. */
const samples = 6;

/** Each load alone (settings may be tuned on the low one), and all together. */
export function petShop(folder: string): LabelledSet[] {
  const root = join(folder, 'petshop', 'dataset');
  const loads = ['low_traffic', 'high_traffic'].filter((load) => existsSync(join(root, load, 'noissue', 'metrics.csv')));
  const sets = loads.map((load, place) => setOfLoad(root, load, 10_000 * place));
  if (sets.length === 0) return [];
  const mixed: LabelledSet = {
    name: 'PetShop, mixed loads',
    normals: sets.flatMap(({ normals }) => everySecond(normals)),
    faulty: sets.flatMap(({ faulty }) => faulty),
    regimes: sets.map(({ normals }) => normals),
  };
  return [...sets, mixed];
}

function everySecond<T>(list: readonly T[]): T[] {
  return list.filter((_, index) => index % 2 === 0);
}

function setOfLoad(root: string, load: string, first: number): LabelledSet {
  const [, , , , ...rows] = tableOf(root, load, 'noissue');
  const names = tableOf(root, load, 'noissue').slice(0, 3);
  const normals = Array.from({ length: Math.floor(rows.length / samples) }, (_, window) =>
    profileOfRows(names, rows.slice(window * samples, (window + 1) * samples), first + window),
  );
  const issues = ['train', 'test'].flatMap((part) => readdirSync(join(root, load, part)).map((issue) => join(part, issue)));
  const faulty = issues.map((issue, index): FaultyRun => {
    const [metrics = [], statistics = [], units = [], , ...values] = tableOf(root, load, issue);
    const target = JSON.parse(readFileSync(join(root, load, issue, 'target.json'), 'utf8')) as { root_cause: { node: string } };
    const profile = profileOfRows([metrics, statistics, units], values, first + 1_000 + index);
    return { profile, causes: [componentName(target.root_cause.node)] };
  });
  return { name: `PetShop, ${load.replace('_', ' ')}`, normals, faulty };
}

const tableOf = (root: string, load: string, part: string): string[][] => readTable(join(root, load, part, 'metrics.csv'));

/** The first three rows of a file name component, metric and statistic of each column. */
function profileOfRows(
  [components = [], metrics = [], statistics = []]: readonly string[][],
  rows: readonly string[][],
  index: number,
): RunProfile {
  const times = rows.map(([time]) => Number(time));
  const series = components.slice(1).map((component, place): SampledSeries => {
    const [metric = '', statistic = ''] = [metrics[place + 1], statistics[place + 1]];
    const factor = metric === 'latency' ? 1_000 : 1;
    return {
      name: `${componentName(component)}.${metric}_${statistic}`,
      unit: metric === 'latency' ? 'ms' : metric === 'availability' ? '%' : 'count',
      values: rows.map((row) => factor * numberOf(row[place + 1])),
    };
  });
  const offered = series.find(({ name }) => name === 'PetSite.requests_Sum')?.values ?? [];
  const load = median(offered.filter(Number.isFinite));
  return profileOfSamples({
    index,
    times,
    series,
    environment: 'petshop',
    startedAt: 1_000 * (times[0] ?? 0),
    conditions: Number.isFinite(load) ? { load: load.toFixed(0) } : {},
  });
}
