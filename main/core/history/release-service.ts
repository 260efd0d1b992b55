/** TO BE WRITTEN. */
import type { MethodTable } from '../method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import { notYet } from './not-yet.ts';

export function releaseService(_parts: HistoryParts): MethodTable<'scenario.trend' | 'releases.list' | 'releases.sheet'> {
  return notYet<'scenario.trend' | 'releases.list' | 'releases.sheet'>('scenario.trend', 'releases.list', 'releases.sheet');
}
