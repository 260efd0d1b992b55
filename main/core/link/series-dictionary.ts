/** The series and column sets that one epoch of one daemon has declared: tells which series the values of a frame belong to. */
import type { Catalogue, DaemonEvent } from '#shared/protocol/observations.ts';
import type { SampleFrame } from '#shared/protocol/sample-frame.ts';
import type { SeriesDeclaration } from '#shared/telemetry/series.ts';

/** The series of each value, the same array for every frame of a column set (and of repeated pairs); or why there is none. */
export type Resolution =
  { readonly kind: 'series'; readonly series: readonly SeriesDeclaration[] } | { readonly kind: 'unknown' } | { readonly kind: 'misfit' };

const maximumSeries = 400_000;
const maximumColumnSets = 10_000;
/** Recent sets of pairs that are recognised without looking up each series. */
const rememberedPairs = 32;

export class SeriesDictionary {
  private readonly series = new Map<number, SeriesDeclaration>();
  private readonly columns = new Map<number, readonly number[]>();
  private readonly resolvedColumns = new Map<number, readonly SeriesDeclaration[]>();
  /** By number of values. */
  private readonly pairs = new Map<number, { readonly ids: Uint32Array; readonly series: readonly SeriesDeclaration[] }>();

  /** Takes over what a catalogue declares; numbers are never reused in an epoch, so what is known already stays. */
  merge(catalogue: Catalogue): void {
    this.declareSeries(catalogue.series);
    for (const { id, series } of catalogue.columns) this.declareColumns(id, series);
  }

  /** Takes over what an event declares. */
  learn(event: DaemonEvent): void {
    if (event.kind === 'series-declared') this.declareSeries(event.series);
    if (event.kind === 'columns-declared') this.declareColumns(event.columns, event.series);
  }

  resolve(frame: SampleFrame): Resolution {
    return frame.kind === 'dense' ? this.resolveColumns(frame.columns, frame.values.length) : this.resolvePairs(frame.series);
  }

  private declareSeries(declarations: readonly SeriesDeclaration[]): void {
    for (const declaration of declarations) {
      if (this.series.size < maximumSeries && !this.series.has(declaration.id)) this.series.set(declaration.id, declaration);
    }
  }

  private declareColumns(id: number, series: readonly number[]): void {
    if (this.columns.size < maximumColumnSets && !this.columns.has(id)) this.columns.set(id, series);
  }

  private resolveColumns(id: number, count: number): Resolution {
    let series = this.resolvedColumns.get(id);
    if (!series) {
      const ids = this.columns.get(id);
      series = ids && this.lookUp(ids);
      if (!series) return { kind: 'unknown' };
      this.resolvedColumns.set(id, series);
    }
    return series.length === count ? { kind: 'series', series } : { kind: 'misfit' };
  }

  private resolvePairs(ids: Uint32Array): Resolution {
    const known = this.pairs.get(ids.length);
    if (known && same(known.ids, ids)) return { kind: 'series', series: known.series };
    const series = this.lookUp(ids);
    if (!series) return { kind: 'unknown' };
    if (this.pairs.size >= rememberedPairs) this.pairs.clear();
    this.pairs.set(ids.length, { ids, series });
    return { kind: 'series', series };
  }

  private lookUp(ids: ArrayLike<number>): readonly SeriesDeclaration[] | undefined {
    const found: SeriesDeclaration[] = [];
    for (let index = 0; index < ids.length; index++) {
      const declaration = this.series.get(ids[index] ?? -1);
      if (!declaration) return undefined;
      found.push(declaration);
    }
    return found;
  }
}

function same(left: Uint32Array, right: Uint32Array): boolean {
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false;
  return left.length === right.length;
}
