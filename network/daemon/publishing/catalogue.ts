/** The catalogue: what this daemon offers and knows now, made from its configuration, the reporter and the component watcher. */
import { hostname } from 'node:os';
import type { Epoch } from '#shared/identifiers.ts';
import { orderVersion } from '#shared/protocol/commands.ts';
import type { Catalogue, Parameter } from '#shared/protocol/observations.ts';
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';
import { collectedComponents } from '../collectors.ts';
import { processMetrics } from '../components/process-series.ts';
import type { ActionConfiguration, DaemonConfiguration, LogConfiguration } from '../configuration/types.ts';
import type { ComponentView } from '../ports.ts';

export interface CatalogueSources {
  readonly configuration: DaemonConfiguration;
  readonly configurationHash: string;
  readonly softwareVersion: string;
  readonly epoch: Epoch;
  readonly bootNonce: string;
  readonly sequence: number;
  readonly declared: Pick<Catalogue, 'series' | 'columns'>;
  readonly views: readonly ComponentView[];
  /** Where the router sees the daemon; undefined: unknown. */
  readonly address: string | undefined;
}

export function makeCatalogue(sources: CatalogueSources): Catalogue {
  const { configuration, views, declared } = sources;
  return {
    version: 1,
    daemon: configuration.daemon,
    epoch: sources.epoch,
    bootNonce: sources.bootNonce,
    softwareVersion: sources.softwareVersion,
    orderVersion,
    configurationHash: sources.configurationHash,
    host: hostname().slice(0, 255),
    process: process.pid,
    ...(sources.address === undefined ? {} : { address: sources.address.slice(0, 255) }),
    sequence: sources.sequence,
    components: componentsOf(configuration, declared.series),
    actions: configuration.actions.map((action) => catalogueAction(action)),
    series: declared.series,
    columns: declared.columns,
    states: views.map(({ component, state, pid, since }) => ({ component, state: state.slice(0, 64), pid, since })),
  };
}

function catalogueAction(action: ActionConfiguration): Catalogue['actions'][number] {
  const { name, help, hazard, timeout } = action;
  const parameters = action.kind === 'run' ? action.parameters.map(published) : [];
  return { name, parameters, hazard, timeout, ...(help === null ? {} : { help: help.slice(0, 1_000) }) };
}

function published({ choices, ...parameter }: Parameter): Catalogue['actions'][number]['parameters'][number] {
  return { ...parameter, ...(choices && { choices: [...choices] }) };
}

/** What may be named in a scenario: configured components, and all others that logs, exporters and the host speak for. */
function componentsOf(configuration: DaemonConfiguration, series: readonly SeriesDeclaration[]): Catalogue['components'] {
  const components = new Map<string, Catalogue['components'][number]>();
  const entry = (name: Catalogue['components'][number]['name']): Catalogue['components'][number] => {
    const known = components.get(name) ?? { name, states: [], commands: [], signals: [], metrics: [] };
    components.set(name, known);
    return known;
  };
  const add = (list: string[], value: string): void => {
    if (!list.includes(value)) list.push(value);
  };
  for (const component of configuration.components) {
    const known = entry(component.name);
    known.commands.push(...component.commands);
    known.signals.push(...component.signals);
    for (const state of component.states) add(known.states, state);
    for (const { metric } of processMetrics) add(known.metrics, metric);
  }
  for (const log of [...configuration.components.flatMap((each) => each.logs), ...configuration.logs]) {
    for (const found of findings(log)) {
      const known = entry(found.component);
      if (found.state !== undefined) add(known.states, found.state);
      if (found.metric !== undefined) add(known.metrics, found.metric);
    }
  }
  for (const component of collectedComponents(configuration)) entry(component);
  const byComponent = Map.groupBy(series, (each) => each.component);
  for (const [name, declared] of byComponent) {
    const known = entry(name);
    known.metrics = [...new Set([...known.metrics, ...declared.map((each) => each.metric)])].slice(0, 20_000);
  }
  return [...components.values()];
}

function* findings(log: LogConfiguration) {
  for (const rule of log.rules) {
    if (rule.component === null) continue;
    const { component } = rule;
    // A state made from the line (`{state}`) is not known beforehand; the configuration can list such states.
    if (rule.state !== null && !rule.state.includes('{')) yield { component, state: rule.state };
    if (rule.metric && !rule.metric.name.includes('{')) yield { component, metric: rule.metric.name };
  }
}

/**
 * The catalogue as a message of at most so many bytes. Where it is too long it loses, in this order, the help of its
 * series and then series from its end (their declarations stand in the event stream too); `cut` tells how many.
 */
export function encodeCatalogue(catalogue: Catalogue, maximumBytes: number): { readonly bytes: Uint8Array; readonly cut: number } {
  const whole = Buffer.from(JSON.stringify(catalogue));
  if (whole.length <= maximumBytes) return { bytes: whole, cut: 0 };
  let series: SeriesDeclaration[] = catalogue.series.map(({ id, component, metric, unit, kind }) => ({
    id,
    component,
    metric,
    unit,
    kind,
  }));
  let bytes = Buffer.from(JSON.stringify({ ...catalogue, series }));
  while (bytes.length > maximumBytes && series.length > 0) {
    series = series.slice(0, Math.floor(series.length * 0.8));
    const kept = new Set(series.map((each) => each.id));
    const columns = catalogue.columns.filter((set) => set.series.every((id) => kept.has(id)));
    const names = Map.groupBy(series, (each) => each.component);
    const components = catalogue.components.map((each) => ({
      ...each,
      metrics: each.metrics.slice(0, Math.max(20, names.get(each.name)?.length ?? 0)),
    }));
    bytes = Buffer.from(JSON.stringify({ ...catalogue, series, columns, components }));
  }
  return { bytes, cut: catalogue.series.length - series.length };
}
