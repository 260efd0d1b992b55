/** Nezha's OnlineBoutique (IntelligentDDS/Nezha): two days with a fault every eight minutes; a sample of each pod each minute. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProfileSeries, RunProfile } from '#shared/analysis/profile.ts';
import { numberOf, profileOfSamples, readTable, type FaultyRun, type LabelledSet, type SampledSeries } from './labelled-runs.ts';

/** A fault lasts three minutes; as much before it is as it should be. */
const window = 180;
const days = ['2022-08-22', '2022-08-23'];

interface Injection {
  readonly inject_time: string;
  readonly inject_pod: string;
  readonly inject_type: string;
}

interface PodFile {
  readonly component: string;
  readonly names: readonly string[];
  readonly rows: readonly { readonly time: number; readonly cells: readonly string[] }[];
}

export function nezha(folder: string): LabelledSet[] {
  const root = join(folder, 'nezha', 'rca_data');
  const normals: RunProfile[] = [];
  const faulty: FaultyRun[] = [];
  for (const day of days.filter((each) => existsSync(join(root, each, 'metric')))) {
    const pods = readdirSync(join(root, day, 'metric'))
      .filter((file) => file.endsWith('_metric.csv'))
      .map((file) => podFile(join(root, day, 'metric', file)));
    for (const { inject_time: time, inject_pod: pod } of injections(join(root, day, `${day}-fault_list.json`))) {
      const at = Date.parse(`${time.replace(' ', 'T')}Z`) / 1_000;
      const index = 2 * normals.length;
      const load = loadOf(pods, at - window, at);
      normals.push(profileBetween(pods, at - window, at, load, index));
      faulty.push({ profile: profileBetween(pods, at, at + window, load, index + 1), causes: [serviceOf(pod)] });
    }
  }
  return normals.length === 0 ? [] : [{ name: 'Nezha, OnlineBoutique', normals, faulty }];
}

function injections(file: string): Injection[] {
  return Object.values(JSON.parse(readFileSync(file, 'utf8')) as Record<string, Injection[]>).flat();
}

/** `frontend-579b9bff58-t2dbm` is a pod of `frontend`. */
const serviceOf = (pod: string): string => pod.replace(/-[0-9a-f]+-[a-z0-9]+$/, '');

function podFile(file: string): PodFile {
  const [names = [], ...rows] = readTable(file);
  return {
    component: serviceOf(rows[0]?.[2] ?? ''),
    names,
    rows: rows.map((cells) => ({ time: Date.parse(`${(cells[0] ?? '').slice(0, 19).replace(' ', 'T')}Z`) / 1_000, cells })),
  };
}

function profileBetween(pods: readonly PodFile[], from: number, to: number, load: number, index: number): RunProfile {
  const columns = pods.flatMap(({ component, names, rows }) => {
    const chosen = rows.filter(({ time }) => time >= from && time < to);
    return names.slice(3).map((name, place): SampledSeries & { readonly times: readonly number[] } => {
      const { unit, factor, metric } = metricOf(name);
      const values = chosen.map(({ cells }) => factor * numberOf(cells[place + 3]));
      return { name: `${component}.${metric}`, unit, values, times: chosen.map(({ time }) => time) };
    });
  });
  const times = columns[0]?.times ?? [];
  const conditions = Number.isFinite(load) ? { load: load.toFixed(2) } : {};
  return profileOfSamples({ index, times, series: columns, environment: 'boutique', startedAt: 1_000 * from, conditions });
}

/** What the front end was asked for before: a fault cannot hide in it. */
function loadOf(pods: readonly PodFile[], from: number, to: number): number {
  const front = pods.find(({ component }) => component === 'frontend');
  const column = front?.names.indexOf('PodWorkload(Ops)') ?? -1;
  const values = front?.rows.filter(({ time }) => time >= from && time < to).map(({ cells }) => numberOf(cells[column])) ?? [];
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function metricOf(name: string): { readonly metric: string; readonly unit: ProfileSeries['unit']; readonly factor: number } {
  const metric = name.replace(/\(.*/, '');
  if (name.endsWith('(%)')) return { metric, unit: '%', factor: 1 };
  if (name.endsWith('(s)')) return { metric, unit: 'ms', factor: 1_000 };
  if (name.endsWith('(Mi)')) return { metric, unit: 'bytes', factor: 2 ** 20 };
  if (name.endsWith('Bytes')) return { metric, unit: 'bytes per second', factor: 1 };
  return { metric, unit: 'none', factor: 1 };
}
