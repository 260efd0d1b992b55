/** Charts that suit a scenario: how the components that it names live, what they cost, and how fast they answer. */
import type { KnownSeries } from '#shared/contract/console.ts';
import type { Chart } from './charts-layout.ts';

/** What makes a metric worth a suggested chart, most telling first. Each becomes one chart with all components in it. */
const subjects: readonly { readonly title: string; readonly fits: (series: KnownSeries) => boolean }[] = [
  { title: 'Latency', fits: ({ metric, unit }) => unit === 'ms' && /latenc|response|duration/i.test(metric) },
  { title: 'CPU', fits: ({ metric }) => /^(cpu|cpu_used|cpu_usage)$/i.test(metric) },
  { title: 'Memory', fits: ({ metric, unit }) => unit === 'bytes' && /^(rss|memory)$/i.test(metric) },
  {
    title: 'Traffic',
    fits: ({ metric, unit }) => unit === 'per second' || /^(orders|sent|forwarded|requests|accepted|rate)$/i.test(metric),
  },
  { title: 'Trouble', fits: ({ metric }) => /(refused|unavailable|error|reject|behind|dropped|outage|lost)/i.test(metric) },
];

const maximumLines = 6;

/** Names of the components in a scenario's text that the environment knows. */
export function componentsNamed(text: string, known: Iterable<string>): string[] {
  const words = new Set(text.match(/[A-Za-z][A-Za-z0-9_-]*/g) ?? []);
  return [...new Set(known)].filter((component) => words.has(component));
}

/**
 * Charts for these components; for all of them when none is named. First the states, then one chart per subject that any
 * of their metrics fits.
 */
export function suggestCharts(series: readonly KnownSeries[], components: readonly string[], states: readonly string[]): Chart[] {
  const named = new Set(components);
  const wanted = named.size === 0 ? series : series.filter(({ component }) => named.has(component));
  const charts: Chart[] = [];
  const lanes = states.filter((component) => named.size === 0 || named.has(component)).slice(0, maximumLines);
  if (lanes.length > 0) charts.push({ id: 'suggested-states', title: 'States', series: lanes.map((component) => `${component}.STATE`) });
  for (const { title, fits } of subjects) {
    const fitting = wanted.filter(fits).map(({ name }) => name);
    const lines = [...new Set(fitting)].slice(0, maximumLines);
    if (lines.length > 0) charts.push({ id: `suggested-${title.toLowerCase()}`, title, series: lines });
  }
  return charts;
}
