/** What a series did in a run while a step ran, in ms since that step began: such lines of several runs lie over one another. */
import type { RunQueries } from '../archive/queries.ts';
import { plainPoints, visiblePoints } from '../telemetry/visible-points.ts';
import type { RunProfile } from '#shared/analysis/profile.ts';
import type { MethodResponse } from '#shared/contract/contract.ts';

type EvidenceLine = MethodResponse<'runs.evidence'>['lines'][number];

/** Null where the run has no such step, or no sample of the series in it. */
export async function evidenceLine(
  queries: RunQueries,
  profile: RunProfile,
  wanted: { readonly series: string; readonly step: string | null; readonly columns: number },
): Promise<EvidenceLine | null> {
  const span = spanOf(profile, wanted.step);
  if (!span) return null;
  const known = profile.metrics.series.find(({ name }) => name === wanted.series);
  if (!known) return null;
  const offset = (await queries.clockOffsets(profile.run)).get(known.daemon) ?? 0;
  const end = span.duration === null ? Infinity : span.startedAt + span.duration + offset;
  const found = await queries.samplesOf(profile.run, wanted.series, span.startedAt + offset, end);
  const samples = found.find(({ series }) => series.daemon === known.daemon);
  if (!samples || samples.times.length === 0) return null;
  const times = samples.times.map((time) => time - offset - span.startedAt);
  const last = (times.at(-1) ?? 0) + 1;
  const points = visiblePoints({ times, values: samples.values }, { from: times[0] ?? 0, to: last, columns: wanted.columns });
  return { ...plainPoints(wanted.series, points), run: profile.run, release: profile.release, duration: span.duration };
}

function spanOf(
  { steps, startedAt, duration }: RunProfile,
  step: string | null,
): { readonly startedAt: number; readonly duration: number | null } | undefined {
  return step === null ? { startedAt, duration } : steps.find(({ key }) => key === step);
}
