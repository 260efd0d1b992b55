/** What a configuration lets a catalogue say of components before anything was observed. */
import type { z } from 'zod';
import type { ComponentName } from '#shared/identifiers.ts';
import type { catalogueComponentSchema } from '#shared/protocol/observations.ts';
import { processMetrics } from '../components/process-series.ts';
import { templatePlaces } from './templates.ts';
import type { ComponentConfiguration, DaemonConfiguration, LogRule } from './types.ts';

export type OfferedComponent = z.infer<typeof catalogueComponentSchema>;

/** All components of the daemon: processes, the host, owners of log rules and of scrape targets. */
export function offeredComponents(configuration: DaemonConfiguration): readonly OfferedComponent[] {
  const { components, host, scrape } = configuration;
  const rules = [...components.flatMap(({ logs }) => logs), ...configuration.logs].flatMap((log) => log.rules);
  const names = new Set<ComponentName>([
    ...components.map(({ name }) => name),
    ...(host ? [host.component] : []),
    ...rules.flatMap(({ component }) => component ?? []),
    ...scrape.map(({ component }) => component),
  ]);
  return [...names].map((name) => {
    const component = components.find((each) => each.name === name);
    const own = rules.filter((rule) => rule.component === name);
    return {
      name,
      states: statesOf(component, own),
      commands: [...(component?.commands ?? [])],
      signals: [...(component?.signals ?? [])],
      metrics: metricsOf(name, configuration, own),
    };
  });
}

/** States written out in the configuration; those that only a log line will tell are not known yet. */
function statesOf(component: ComponentConfiguration | undefined, rules: readonly LogRule[]): string[] {
  const fixed = rules.flatMap(({ state }) => (state !== null && templatePlaces(state).length === 0 ? [state.trim().slice(0, 64)] : []));
  return [...new Set([...(component?.states ?? []), ...fixed])].slice(0, 200);
}

/** Host metrics without labels only: mounts and interfaces are found when the daemon runs. */
const hostMetrics = ['cpu', 'load1', 'load5', 'load15', 'memory_total', 'memory_free', 'memory_available'].concat([
  'memory_free_percent',
  'memory_used_percent',
  'swap_total',
  'swap_free',
  'disk_free_percent',
  'disk_read',
  'disk_written',
]);

function metricsOf(name: ComponentName, { components, host, scrape }: DaemonConfiguration, rules: readonly LogRule[]): string[] {
  return [
    ...new Set([
      ...(components.some((each) => each.name === name) ? processMetrics.map(({ metric }) => metric) : []),
      ...(host?.component === name ? hostMetrics : []),
      ...rules.flatMap(({ metric }) => metric?.name ?? []),
      ...(scrape.some((each) => each.component === name) ? ['up'] : []),
    ]),
  ];
}
