/** The environment as rows of a table: what is current, what is old, what belongs to whom. */
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { ComponentCommand } from '#shared/protocol/observations.ts';
import type { Unit } from '#shared/telemetry/series.ts';

type DaemonStatus = EnvironmentStatus['daemons'][number];

export interface MetricValue {
  readonly metric: string;
  readonly value: number | null;
  readonly unit: Unit;
}

export interface ComponentRow {
  readonly name: string;
  readonly daemon: string;
  readonly state: string;
  readonly pid: number | null;
  /** % */
  readonly cpu: number | null;
  /** bytes */
  readonly memory: number | null;
  /** Other metrics, by name. */
  readonly metrics: readonly MetricValue[];
  readonly commands: readonly ComponentCommand[];
  readonly signals: readonly string[];
  /** Has a process of its own; a component without one (`System`) has values only. */
  readonly isProcess: boolean;
}

export interface DaemonRow {
  readonly name: string;
  readonly presence: DaemonStatus['presence'];
  readonly host: string | null;
  readonly version: string | null;
  readonly configuration: string | null;
  /** ms; positive: the daemon's clock is ahead of the core's. */
  readonly clockOffset: number | null;
  /** ms */
  readonly silence: number | null;
  readonly received: DaemonStatus['received'];
  /** Its values are not those of now. */
  readonly stale: boolean;
  readonly components: readonly ComponentRow[];
}

/** ms of silence after which a daemon's values are no longer those of now, even before it counts as lost. */
const quiet = 2_500;
/** ms of clock difference from which times of a daemon are worth a warning. */
export const notableClockOffset = 100;

export function rowsOf(status: EnvironmentStatus, coreConnected: boolean): readonly DaemonRow[] {
  return status.daemons.map((daemon) => daemonRow(daemon, coreConnected && status.connected));
}

function daemonRow(daemon: DaemonStatus, reachable: boolean): DaemonRow {
  const { catalogue, presence, silence } = daemon;
  const components = daemon.components.map((component) => componentRow(daemon, component));
  return {
    name: daemon.daemon,
    presence,
    host: catalogue?.host ?? null,
    version: catalogue?.softwareVersion ?? null,
    configuration: catalogue?.configurationHash ?? null,
    clockOffset: daemon.clockOffset,
    silence,
    received: daemon.received,
    stale: !reachable || presence !== 'present' || (silence !== null && silence > quiet),
    components: components.toSorted((one, other) => Number(other.isProcess) - Number(one.isProcess)),
  };
}

function componentRow({ daemon, catalogue }: DaemonStatus, component: DaemonStatus['components'][number]): ComponentRow {
  const offer = catalogue?.components.find((each) => each.name === component.component);
  const series = catalogue?.series.filter((each) => each.component === component.component) ?? [];
  const units = new Map(series.map((each) => [each.metric, each.unit]));
  const { rss = null, cpu = null } = component.metrics;
  const metrics = Object.entries(component.metrics)
    .filter(([metric]) => metric !== 'rss' && metric !== 'cpu')
    .map(([metric, value]) => ({ metric, value, unit: units.get(metric) ?? 'none' }));
  return {
    name: component.component,
    daemon,
    state: component.state,
    pid: component.pid,
    cpu,
    memory: rss,
    metrics,
    commands: offer?.commands ?? [],
    signals: offer?.signals ?? [],
    isProcess: 'rss' in component.metrics || (offer?.commands.length ?? 0) > 0,
  };
}

export interface NetworkTotals {
  readonly present: number;
  readonly daemons: number;
  readonly records: number;
  readonly samples: number;
  readonly gapsFilled: number;
  readonly recordsLost: number;
}

/** What came over the network in all. */
export function totalsOf(rows: readonly DaemonRow[]): NetworkTotals {
  const sum = (of: (row: DaemonRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    present: sum((row) => Number(row.presence === 'present')),
    daemons: rows.length,
    records: sum((row) => row.received.records),
    samples: sum((row) => row.received.samples),
    gapsFilled: sum((row) => row.received.gapsFilled),
    recordsLost: sum((row) => row.received.recordsLost),
  };
}
