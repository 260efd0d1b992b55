/** TO BE WRITTEN. */
import type { MethodTable } from '../method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import { notYet } from './not-yet.ts';

export function comparisonService(_parts: HistoryParts): MethodTable<'runs.compare' | 'runs.evidence'> {
  return notYet<'runs.compare' | 'runs.evidence'>('runs.compare', 'runs.evidence');
}
