/** TO BE WRITTEN. */
import type { MethodTable } from '../method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import { notYet } from './not-yet.ts';

export function sampleRunsService(_parts: HistoryParts): MethodTable<'samples.import'> {
  return notYet<'samples.import'>('samples.import');
}
