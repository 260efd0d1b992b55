/** What a benchmark gives: figures with their targets, and where there is one, the named peer's figure from the same run. */
import { cpus, totalmem } from 'node:os';

export interface Figure {
  readonly figure: string;
  readonly ours: number;
  readonly unit: string;
  /** What was asked for, as text: `>= 500000`, `<= 8`. */
  readonly target: string;
  readonly peer?: { readonly name: string; readonly value: number } | undefined;
}

/** Whether a figure meets its target; undefined for targets that are no comparison. */
export function meets(figure: Figure): boolean | undefined {
  const match = /^(<=|>=|<|>) ([0-9.]+)$/.exec(figure.target);
  if (!match) return undefined;
  const bound = Number(match[2]);
  switch (match[1]) {
    case '<=':
      return figure.ours <= bound;
    case '>=':
      return figure.ours >= bound;
    case '<':
      return figure.ours < bound;
    default:
      return figure.ours > bound;
  }
}

function number(value: number): string {
  if (Math.abs(value) >= 1_000) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** The table of docs/benchmarks.md. */
export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map((each) => {
    const peer = each.peer ? `${each.peer.name}: ${number(each.peer.value)}` : '';
    const ratio = each.peer ? (each.ours / each.peer.value).toFixed(2) : '';
    const met = meets(each);
    return `| ${each.figure} | ${number(each.ours)} ${each.unit} | ${each.target} | ${met === undefined ? '' : met ? 'yes' : '**no**'} | ${peer} | ${ratio} |`;
  });
  return ['| figure | measured | target | met | peer in the same run | ratio |', '|---|---|---|---|---|---|', ...rows].join('\n');
}

/** The machine that the figures come from. */
export function machine(): string {
  const [first] = cpus();
  return `${cpus().length} cores (${first?.model.trim() ?? 'unknown'}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}, ${process.platform}`;
}

/** The value below which a share (0–1) of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
