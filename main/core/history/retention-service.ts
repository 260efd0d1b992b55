/** TO BE WRITTEN. */
import type { MethodTable } from '../method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import { notYet } from './not-yet.ts';

export function retentionService(_parts: HistoryParts): MethodTable<'retention.rules' | 'retention.preview' | 'retention.apply'> {
  return notYet<'retention.rules' | 'retention.preview' | 'retention.apply'>('retention.rules', 'retention.preview', 'retention.apply');
}
