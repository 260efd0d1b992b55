/** Charts that suit a scenario: how the components that it names live, what they cost, and how fast they answer. */
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import type { EnvironmentStatus } from '#shared/contract/environments.ts';
import type { Chart } from './charts-layout.ts';

/** What makes a metric worth a suggested chart, most telling first. Each becomes one chart with all components in it. */
const subjects: readonly { readonly title: string; readonly fits: (series: KnownSeries) => boolean }[] = [
  { title: 'Latency', fits: ({ metric, unit }) => unit === 'ms' && /latenc|response|duration/i.test(metric) },
  { title: 'CPU', fits: ({ metric }) => /^(cpu|cpu_used|cpu_usage)$/i.test(metric) },
  { title: 'Memory', fits: ({ metric, unit }) => unit === 'bytes' && /^(rss|memory)$/i.test(metric) },
  {
    title: 'Traffic',
    fits: ({ metric }) => /^(orders|sent|forwarded|requests|accepted|rate|throughput)$/i.test(metric),
  },
  { title: 'Trouble', fits: ({ metric }) => /^(refused|unavailable|errors?|rejected|replication_behind|dropped|lost)$/i.test(metric) },
];

const maximumLines = 6;

/** Names of the components in a scenario's text that the environment knows. */
export function componentsNamed(text: string, known: Iterable<string>): string[] {
  const words = new Set(text.match(/[A-Za-z][A-Za-z0-9_-]*/g) ?? []);
  return [...new Set(known)].filter((component) => words.has(component));
}

/** Components whose daemons are there and tell no state of them, as of a host: a lane of theirs would be empty. */
export function componentsWithoutState(daemons: EnvironmentStatus['daemons']): ReadonlySet<string> {
  const present = daemons.filter(({ presence }) => presence === 'present').flatMap(({ components }) => components);
  const known = new Set(present.flatMap(({ component, state }) => (state === 'unknown' ? [] : [component])));
  return new Set(present.flatMap(({ component }) => (known.has(component) ? [] : [component])));
}

/**
 * Charts for these components, or for all that have states when none is named: first the states, then one chart per
 * subject that any of their metrics fits. In a small environment the others follow the named ones, since what
 * happens to one component shows in its neighbours.
 * @param states components that have states
 */
export function suggestCharts(series: readonly KnownSeries[], named: readonly string[], states: readonly string[]): Chart[] {
  const small = states.length <= maximumLines;
  const order = [...new Set(named.length === 0 || small ? [...named, ...states] : named)];
  const charts: Chart[] = [];
  const lanes = order.filter((component) => states.includes(component)).slice(0, maximumLines);
  if (lanes.length > 0) charts.push({ id: 'suggested-states', title: 'States', series: lanes.map((component) => `${component}.STATE`) });
  for (const { title, fits } of subjects) {
    const fitting = series.filter((each) => fits(each) && (order.length === 0 || order.includes(each.component)));
    const sorted = fitting.toSorted((left, right) => order.indexOf(left.component) - order.indexOf(right.component));
    const lines = [...new Set(sorted.map(({ name }) => name))].slice(0, maximumLines);
    if (lines.length > 0) charts.push({ id: `suggested-${title.toLowerCase()}`, title, series: lines });
  }
  return charts;
}
