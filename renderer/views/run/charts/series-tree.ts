/** The tree that series are chosen from: components, and what is known of each, narrowed by what is searched for. */
import type { KnownSeries } from '#shared/contract/telemetry.ts';
import { unitLabel } from './units.ts';

export type TreeRow =
  | { readonly kind: 'component'; readonly component: string; readonly count: number; readonly expanded: boolean }
  | { readonly kind: 'series'; readonly name: string; readonly metric: string; readonly unit: string; readonly help: string };

/** Rows that a list shows at most; more are found by searching. */
const maximumRows = 400;

export interface SeriesTree {
  readonly rows: readonly TreeRow[];
  /** Series that match, whether or not they are among the rows. */
  readonly matches: number;
  /** Matching series that were left out, because there were too many. */
  readonly omitted: number;
}

/** Whether all words stand in a text, in any order; cases are the same. */
export function matchesWords(text: string, words: readonly string[]): boolean {
  const lower = text.toLowerCase();
  return words.every((word) => lower.includes(word));
}

/** Rows of the tree. While something is searched for, all components that have a match are open. */
export function seriesTree(
  known: readonly KnownSeries[],
  componentsWithStates: readonly string[],
  search: string,
  expanded: ReadonlySet<string>,
): SeriesTree {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const groups = new Map<string, Extract<TreeRow, { kind: 'series' }>[]>();
  const add = (component: string, row: Extract<TreeRow, { kind: 'series' }>): void => {
    if (!matchesWords(`${row.name} ${row.help}`, words)) return;
    const group = groups.get(component) ?? [];
    groups.set(component, group);
    group.push(row);
  };
  for (const component of componentsWithStates)
    add(component, { kind: 'series', name: `${component}.STATE`, metric: 'STATE', unit: 'lane', help: 'states over time' });
  for (const { name, component, metric, unit, help } of known)
    add(component, { kind: 'series', name, metric, unit: unitLabel(unit), help: help ?? '' });

  const rows: TreeRow[] = [];
  let [matches, omitted] = [0, 0];
  for (const [component, series] of [...groups].sort(([left], [right]) => left.localeCompare(right))) {
    const open = words.length > 0 || expanded.has(component) || groups.size === 1;
    matches += series.length;
    if (rows.length >= maximumRows) {
      omitted += series.length;
      continue;
    }
    rows.push({ kind: 'component', component, count: series.length, expanded: open });
    if (!open) continue;
    const room = Math.max(0, maximumRows - rows.length);
    rows.push(...series.slice(0, room));
    omitted += Math.max(0, series.length - room);
  }
  return { rows, matches, omitted };
}

/** Short names for a legend: what all series share is left out. */
export function legendNames(series: readonly string[]): string[] {
  const parts = series.map((name) => {
    const dot = name.indexOf('.');
    return dot === -1 ? { component: '', metric: name } : { component: name.slice(0, dot), metric: name.slice(dot + 1) };
  });
  const sameMetric = parts.length > 1 && parts.every(({ metric }) => metric === parts[0]?.metric);
  const sameComponent = parts.length > 1 && parts.every(({ component }) => component === parts[0]?.component);
  return parts.map(({ component, metric }, index) => (sameMetric ? component : sameComponent ? metric : (series[index] ?? metric)));
}
