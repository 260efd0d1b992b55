/** DBSherlock's recordings of a database under TPC-C (dongyoungy/dbsherlock-reproducibility): ten kinds of trouble, eleven times each. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RunProfile } from '#shared/analysis/profile.ts';
import { profileOfSamples, type FaultyRun, type LabelledSet } from './labelled-runs.ts';
import { readMatlab, type MatlabArray } from './matlab-file.ts';

/** Seconds of a window; the shortest trouble lasts thirty. */
const window = 30;

export function workload(folder: string): LabelledSet[] {
  const file = join(folder, 'dbsherlock', 'datasets', 'dbsherlock_dataset_tpcc_16w.mat');
  if (!existsSync(file)) return [];
  const arrays = readMatlab(file);
  const regions = arrays.get('abnormal_regions')?.cells ?? [];
  const normals: RunProfile[] = [];
  const faulty: FaultyRun[] = [];
  for (const [index, recording] of (arrays.get('test_datasets')?.cells ?? []).entries()) {
    const from = Math.min(...(regions[index]?.numbers ?? []));
    if (!(from > window)) continue;
    // Not the first seconds, in which the database still warms up, nor those just before the trouble.
    normals.push(profileOfSeconds(recording, from - 1 - window, 2 * index));
    faulty.push({ profile: profileOfSeconds(recording, from - 1, 2 * index + 1), causes: [] });
  }
  return [{ name: 'database workload (DBSherlock)', normals, faulty }];
}

function profileOfSeconds(recording: MatlabArray, from: number, index: number): RunProfile {
  const data = recording.fields.get('data');
  const rows = data?.size[0] ?? 0;
  const seconds = Array.from({ length: Math.min(window, rows - from) }, (_, second) => from + second);
  const names = recording.fields.get('field_names')?.cells.map(({ text }) => text) ?? [];
  const column = (place: number): number[] => seconds.map((second) => data?.numbers[place * rows + second] ?? Number.NaN);
  const series = names.map((name, place) => ({
    name: `${name.startsWith('dbms') ? 'Database' : 'Host'}.${name.replaceAll(/[^A-Za-z0-9]+/g, '_')}`,
    unit: 'none' as const,
    values: column(place),
  }));
  const told = series.filter(({ name }) => !name.endsWith('.Epoch'));
  return profileOfSamples({ index, times: seconds, series: told, environment: 'database', startedAt: 1_000 * (column(0)[0] ?? 0) });
}
