/** What is told of environments that are open now, in OpenMetrics: the router, the daemons, the components, the latest values. */
import { componentStateFamily, stateLabels } from '../reports/open-formats/run-openmetrics.ts';
import { FamilyNames, mapSeries, type Labels } from '../reports/open-formats/metric-names.ts';
import { SampleNames, type Family } from '../reports/open-formats/exposition.ts';
import { releaseTold } from '../environments/status.ts';
import type { OpenEnvironment } from '../environments/access.ts';
import type { DaemonView } from '../ports.ts';
import type { Scrape } from './scrape.ts';
import type { KnownSeries } from '#shared/contract/telemetry.ts';

/** Series told of one after the other; of more the scrape would be longer than what is worth knowing. */
export const mostSeries = 20_000;
/** Names that are remembered. */
const mostNames = 200_000;

export interface LiveEnvironment {
  readonly environment: OpenEnvironment;
  readonly series: readonly KnownSeries[];
}

const gauge = (family: string, unit: string, help: string): Family => ({ family, type: 'gauge', unit, help });
const counter = (family: string, help: string): Family => ({ family, type: 'counter', unit: '', help });

/** The families that stand in every scrape of an open environment; dashboards may rely on them. */
export const environmentFamilies = {
  information: { family: 'testops_environment', type: 'info', unit: '', help: 'An open environment and the release under test' },
  connected: gauge('testops_environment_connected', '', 'Whether the router is connected'),
  presence: { family: 'testops_daemon_presence', type: 'stateset', unit: '', help: 'Whether a daemon is there: 1 for what holds' },
  silence: gauge('testops_daemon_silence_seconds', 'seconds', 'Time since the last sign of life of a daemon'),
  clockOffset: gauge('testops_daemon_clock_offset_seconds', 'seconds', "By how much a daemon's clock is ahead of the core's"),
  records: counter('testops_daemon_records', 'Records received from a daemon'),
  samples: counter('testops_daemon_samples', 'Samples received from a daemon'),
  gapsFilled: counter('testops_daemon_gaps_filled', 'Gaps in the records of a daemon that were filled'),
  recordsLost: counter('testops_daemon_records_lost', 'Records of a daemon that are lost for ever'),
  componentState: componentStateFamily,
  pid: gauge('testops_component_pid', '', 'Process of a component'),
} as const satisfies Record<string, Family>;

/** Tells of all open environments; returns how many series were left out. */
export function environmentMetrics(scrape: Scrape, environments: readonly LiveEnvironment[], names: LiveNames): number {
  for (const { environment } of environments) {
    const { description, link } = environment;
    const around = { environment: description.name };
    scrape.add(environmentFamilies.information, { ...around, release: releaseTold(description), router: description.router }, 1);
    scrape.add(environmentFamilies.connected, around, link.connected ? 1 : 0);
    for (const daemon of link.daemons()) daemonMetrics(scrape, { ...around, daemon: daemon.daemon }, daemon);
    componentMetrics(scrape, around, environment);
  }
  return seriesMetrics(scrape, environments, names);
}

function daemonMetrics(scrape: Scrape, labels: Labels, { state, silence, clockOffset, received }: DaemonView): void {
  for (const each of ['present', 'lost', 'never seen'] as const) {
    scrape.add(environmentFamilies.presence, { ...labels, testops_daemon_presence: each }, state === each ? 1 : 0);
  }
  if (silence !== null) scrape.add(environmentFamilies.silence, labels, silence / 1_000);
  if (clockOffset !== null) scrape.add(environmentFamilies.clockOffset, labels, clockOffset / 1_000);
  scrape.add(environmentFamilies.records, labels, received.records);
  scrape.add(environmentFamilies.samples, labels, received.samples);
  scrape.add(environmentFamilies.gapsFilled, labels, received.gapsFilled);
  scrape.add(environmentFamilies.recordsLost, labels, received.recordsLost);
}

/** Of each component every state that it can have. */
function componentMetrics(scrape: Scrape, around: Labels, { link }: OpenEnvironment): void {
  const seen = new Set<string>();
  for (const { daemon, catalogue, state: presence } of link.daemons()) {
    for (const { name, states } of catalogue?.components ?? []) {
      if (seen.has(name)) continue;
      seen.add(name);
      const reading = link.reading(`${name}.STATE`);
      const told = catalogue?.states.find(({ component }) => component === name)?.state;
      const state = reading === null ? (presence === 'present' ? (told ?? 'UNKNOWN') : 'UNKNOWN') : String(reading);
      const labels = { ...around, component: name, daemon };
      for (const each of new Set(['RUNNING', 'STOPPED', 'CRASHED', 'UNKNOWN', ...states, state])) {
        scrape.add(environmentFamilies.componentState, stateLabels(labels, each), each === state ? 1 : 0);
      }
      const pid = link.reading(`${name}.pid`);
      if (typeof pid === 'number') scrape.add(environmentFamilies.pid, labels, pid);
    }
  }
}

/** The latest value of every series; one that is stale has none. */
function seriesMetrics(scrape: Scrape, environments: readonly LiveEnvironment[], names: LiveNames): number {
  let [told, omitted] = [0, 0];
  for (const { environment, series } of environments) {
    const { description, link } = environment;
    for (const each of series) {
      const value = link.reading(each.name);
      if (typeof value !== 'number') continue;
      if (told >= mostSeries) {
        omitted++;
        continue;
      }
      told++;
      const { family, name, factor } = names.of(description.name, each);
      scrape.addNamed(family, name, value * factor);
    }
  }
  return omitted;
}

interface LiveName {
  readonly family: Family;
  /** With its labels. */
  readonly name: string;
  readonly factor: number;
}

/** How series are called in scrapes. A series keeps its name for as long as the core lives, and making it costs once. */
export class LiveNames {
  private families = new FamilyNames();
  private samples = new SampleNames();
  private readonly known = new Map<string, LiveName>();

  of(environment: string, series: KnownSeries): LiveName {
    const { component, metric, unit, kind, daemon, help = `${metric.split('{')[0] ?? ''} of a component` } = series;
    const key = `${environment} ${daemon} ${unit} ${kind} ${series.name}`;
    const known = this.known.get(key);
    if (known) return known;
    if (this.known.size >= mostNames) this.forget();
    const mapped = mapSeries(series);
    const family = { ...this.families.nameOf(mapped), help };
    const name = this.samples.nameOf(family, { ...mapped.labels, environment, component, daemon }, metric);
    const made = { family, name, factor: mapped.factor };
    this.known.set(key, made);
    return made;
  }

  private forget(): void {
    this.families = new FamilyNames();
    this.samples = new SampleNames();
    this.known.clear();
  }
}
