/** TO BE WRITTEN. */
import type { MethodTable } from '../method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import { notYet } from './not-yet.ts';

export function reportService(_parts: HistoryParts): MethodTable<'report.text' | 'report.write'> {
  return notYet<'report.text' | 'report.write'>('report.text', 'report.write');
}
