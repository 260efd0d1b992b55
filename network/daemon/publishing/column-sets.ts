/**
 * Recognises values that are reported together again and again: the second time a set of series comes, it becomes a
 * declared column set, and its frames then carry values only (a third of the bytes spared).
 */
import { RecentMap } from '#shared/recent-map.ts';

/** A list of series that dense frames refer to by number. */
export interface ColumnSet {
  readonly id: number;
  readonly series: readonly number[];
}

type Sample = { readonly series: number };

/** Smaller sets gain nothing from a declaration. */
const minimumSize = 4;
const maximumSets = 200;
/** Series over all sets; bounds the catalogue, which lists them. */
const maximumMembers = 100_000;
const maximumCandidates = 64;

export class ColumnSets {
  readonly declared: ColumnSet[] = [];
  /** Sets and candidates by length and ends, so that few need comparing. */
  private readonly setsByShape = new Map<string, ColumnSet[]>();
  private readonly candidates = new RecentMap<string, readonly number[]>(maximumCandidates);
  private members = 0;

  /** The column set of these values, if there is one; `isNew` when it must be declared before it is used. */
  match(values: readonly Sample[]): { readonly set?: ColumnSet; readonly isNew: boolean } {
    if (values.length < minimumSize) return { isNew: false };
    const shape = `${values.length} ${values[0]?.series} ${values.at(-1)?.series}`;
    const set = this.setsByShape.get(shape)?.find((each) => sameSeries(each.series, values));
    if (set) return { set, isNew: false };
    const candidate = this.candidates.get(shape);
    if (candidate && sameSeries(candidate, values)) return this.accept(shape, candidate);
    const series = values.map((each) => each.series);
    // Values read from a log come as they come, one series several times: no set, and never the same twice but by chance.
    if (new Set(series).size === series.length) this.candidates.set(shape, series);
    return { isNew: false };
  }

  private accept(shape: string, series: readonly number[]): { readonly set?: ColumnSet; readonly isNew: boolean } {
    this.candidates.delete(shape);
    if (this.declared.length >= maximumSets || this.members + series.length > maximumMembers) return { isNew: false };
    const set = { id: this.declared.length, series };
    this.members += series.length;
    this.declared.push(set);
    this.setsByShape.set(shape, [...(this.setsByShape.get(shape) ?? []), set]);
    return { set, isNew: true };
  }
}

function sameSeries(series: readonly number[], values: readonly Sample[]): boolean {
  return series.length === values.length && series.every((each, index) => each === values[index]?.series);
}
