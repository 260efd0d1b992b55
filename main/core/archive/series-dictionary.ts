/**
 * Numbers the series of a run. A series is one metric of one component seen by one daemon, across the daemon's restarts; samples
 * name it by its number, from 1.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { daemonNameSchema, type DaemonName } from '#shared/identifiers.ts';
import { seriesDeclarationSchema, type SeriesDeclaration } from '#shared/telemetry/series.ts';

export const archivedSeriesSchema = seriesDeclarationSchema
  .omit({ id: true })
  .extend({ series: z.int().min(1).max(0xffff_ffff), daemon: daemonNameSchema });
export type ArchivedSeries = z.infer<typeof archivedSeriesSchema>;

export class SeriesDictionary {
  private readonly byKey = new Map<string, ArchivedSeries>();
  /** Daemons give the same declaration objects, and for dense frames the same arrays, again and again. */
  private readonly byDeclaration = new Map<DaemonName, WeakMap<SeriesDeclaration, number>>();
  private readonly byColumns = new Map<DaemonName, WeakMap<readonly SeriesDeclaration[], Uint32Array>>();
  private fresh: ArchivedSeries[] = [];

  /** Reads dictionary files that earlier commits wrote. */
  async load(files: readonly string[]): Promise<void> {
    for (const file of files) {
      for (const line of (await readFile(file, 'utf8')).split('\n')) {
        if (line !== '') this.learn(archivedSeriesSchema.parse(JSON.parse(line)));
      }
    }
  }

  get size(): number {
    return this.byKey.size;
  }

  all(): ArchivedSeries[] {
    return [...this.byKey.values()];
  }

  /** Numbers of the series of a frame, one for each of its values. */
  numbersOf(daemon: DaemonName, declarations: readonly SeriesDeclaration[]): Uint32Array {
    const columns = entryOf(this.byColumns, daemon);
    const known = columns.get(declarations);
    if (known?.length === declarations.length) return known;
    const declared = entryOf(this.byDeclaration, daemon);
    const numbers = new Uint32Array(declarations.length);
    for (const [index, declaration] of declarations.entries()) {
      let number = declared.get(declaration);
      if (number === undefined) {
        number = this.numberOf(daemon, declaration);
        declared.set(declaration, number);
      }
      numbers[index] = number;
    }
    columns.set(declarations, numbers);
    return numbers;
  }

  /** Series that were first seen since the last call. */
  takeFresh(): readonly ArchivedSeries[] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  private numberOf(daemon: DaemonName, declaration: SeriesDeclaration): number {
    const known = this.byKey.get(keyOf(daemon, declaration));
    if (known) return known.series;
    const { id: _id, ...rest } = declaration;
    const made: ArchivedSeries = { series: this.byKey.size + 1, daemon, ...rest };
    this.learn(made);
    this.fresh.push(made);
    return made.series;
  }

  private learn(series: ArchivedSeries): void {
    this.byKey.set(keyOf(series.daemon, series), series);
  }
}

function keyOf(daemon: DaemonName, series: Omit<SeriesDeclaration, 'id'>): string {
  return `${daemon}\n${series.component}\n${series.metric}\n${series.unit}\n${series.kind}`;
}

function entryOf<K, O extends object, V>(map: Map<K, WeakMap<O, V>>, key: K): WeakMap<O, V> {
  const known = map.get(key);
  if (known) return known;
  const made = new WeakMap<O, V>();
  map.set(key, made);
  return made;
}
