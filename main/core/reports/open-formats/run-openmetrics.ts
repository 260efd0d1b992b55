/**
 * An archived run as OpenMetrics text with times, for `promtool tsdb create-blocks-from openmetrics`: every series of its samples, the
 * states of its components, its steps and its outcome. Written piece by piece: memory holds the samples of one series at a time.
 */
import type { RunQueries, SeriesSamples } from '../../archive/queries.ts';
import type { ArchivedSeries } from '../../archive/series-dictionary.ts';
import type { RunFacts } from '../run-facts.ts';
import { endOfExposition, familyHead, SampleNames, sampleLine, sampleName, type Family } from './exposition.ts';
import { FamilyNames, mapSeries, type Labels, type MappedSeries } from './metric-names.ts';
import { seriesName } from '#shared/telemetry/series.ts';

interface NamedSeries {
  readonly series: ArchivedSeries;
  readonly mapped: MappedSeries;
}

/** The text in pieces, its end marked. */
export async function* runOpenMetrics(facts: RunFacts, queries: RunQueries): AsyncIterable<string> {
  const { run } = facts.manifest;
  const around = labelsOf(facts);
  yield* factFamilies(facts, around);
  const [all, offsets] = await Promise.all([queries.series(run), queries.clockOffsets(run)]);
  const names = new SampleNames();
  for (const [family, members] of familiesOf(all)) {
    const head = familyHead(family);
    let begun = false;
    for (const { series, mapped } of members) {
      const labels = { ...around, ...mapped.labels, component: series.component, daemon: series.daemon };
      const name = names.nameOf(family, labels, series.metric);
      const found = (await queries.samplesOf(run, seriesName(series))).find((each) => each.series.series === series.series);
      if (!found) continue;
      for (const piece of samplesOf(name, family, mapped.factor, found, offsets.get(series.daemon) ?? 0)) {
        yield begun ? piece : head + piece;
        begun = true;
      }
    }
  }
  yield endOfExposition;
}

function labelsOf({ manifest }: RunFacts): Labels {
  const { run, release, environment, scenario } = manifest;
  return { run, release, environment, scenario: scenario.name };
}

/** Series by their family, each with its type, unit and help. */
export function familiesOf(all: readonly ArchivedSeries[]): Map<Family, NamedSeries[]> {
  const names = new FamilyNames();
  const byName = new Map<string, { help: string; family: Omit<Family, 'help'>; members: NamedSeries[] }>();
  for (const series of all) {
    const mapped = mapSeries(series);
    const family = names.nameOf(mapped);
    const entry = byName.get(family.family) ?? { help: '', family, members: [] };
    if (entry.help === '') entry.help = series.help ?? `${series.metric.split('{')[0] ?? ''} of a component`;
    entry.members.push({ series, mapped });
    byName.set(family.family, entry);
  }
  return new Map([...byName.values()].map(({ help, family, members }) => [{ ...family, help }, members]));
}

/** Lines of a text that are handed on together. */
const linesAtATime = 4_000;

/** Values in the core's time, rising; a missing value is left out, since the format knows none. */
function* samplesOf(name: string, { type }: Family, factor: number, { times, values }: SeriesSamples, offset: number): Iterable<string> {
  let last = -Infinity;
  let lines: string[] = [];
  for (let index = 0; index < times.length; index++) {
    const time = Math.round((times[index] ?? Number.NaN) - offset);
    const value = (values[index] ?? Number.NaN) * factor;
    if (Number.isNaN(value) || !(time > last) || (type === 'counter' && value < 0)) continue;
    last = time;
    lines.push(sampleLine(name, value, time));
    if (lines.length < linesAtATime) continue;
    yield lines.join('');
    lines = [];
  }
  if (lines.length > 0) yield lines.join('');
}

/** What is known of the run besides its samples. */
function* factFamilies(facts: RunFacts, around: Labels): Iterable<string> {
  const { manifest, startedAt, endedAt } = facts;
  const information: Family = { family: 'testops_run', type: 'info', unit: '', help: 'A run and what it ran on' };
  const { outcome, operator, mode } = manifest;
  const name = sampleName(information, { ...around, outcome: outcome ?? 'unfinished', operator, mode });
  yield familyHead(information) + sampleLine(name, 1, startedAt) + (endedAt > startedAt ? sampleLine(name, 1, endedAt) : '');
  if (manifest.duration !== null) {
    const duration: Family = { family: 'testops_run_duration_seconds', type: 'gauge', unit: 'seconds', help: 'How long the run took' };
    yield familyHead(duration) + sampleLine(sampleName(duration, around), manifest.duration / 1_000, endedAt);
  }
  yield* stepDurations(facts, around);
  yield* componentStates(facts, around);
}

function* stepDurations({ steps }: RunFacts, around: Labels): Iterable<string> {
  const family: Family = {
    family: 'testops_step_duration_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'How long a step took, at its end',
  };
  const ended = steps.filter(({ duration }) => duration !== null);
  if (ended.length > 0) yield familyHead(family);
  for (const { step, state, startedAt, duration } of ended) {
    const labels = {
      ...around,
      step: step.text.slice(0, 200),
      state,
      number: String(step.number),
      execution: String(step.execution),
      in: step.scenario,
    };
    yield sampleLine(sampleName(family, labels), (duration ?? 0) / 1_000, startedAt + (duration ?? 0));
  }
}

/** Of each component every state that it had, as 1 while it has it and 0 otherwise; told whenever it changes. */
function* componentStates({ stateChanges }: RunFacts, around: Labels): Iterable<string> {
  const byComponent = Map.groupBy(stateChanges, ({ component }) => component);
  if (byComponent.size > 0) yield familyHead(componentStateFamily);
  for (const [component, changes] of byComponent) {
    for (const state of new Set(changes.map((change) => change.state))) {
      const name = sampleName(componentStateFamily, stateLabels({ ...around, component }, state));
      let last = -Infinity;
      for (const change of changes.toSorted((left, right) => left.time - right.time)) {
        const time = Math.max(Math.round(change.time), last + 1);
        last = time;
        yield sampleLine(name, change.state === state ? 1 : 0, time);
      }
    }
  }
}

export const componentStateFamily: Family = {
  family: 'testops_component_state',
  type: 'stateset',
  unit: '',
  help: 'State of a component: 1 for the one it is in',
};

/** A state set names the state in a label that is called like its family. */
export function stateLabels(labels: Labels, state: string): Labels {
  return { ...labels, testops_component_state: state };
}
