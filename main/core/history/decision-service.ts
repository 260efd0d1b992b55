/** TO BE WRITTEN. */
import type { MethodTable } from '../method-tables.ts';
import type { HistoryParts } from './history-parts.ts';
import { notYet } from './not-yet.ts';

export function decisionService(_parts: HistoryParts): MethodTable<'runs.remarks' | 'runs.remark'> {
  return notYet<'runs.remarks' | 'runs.remark'>('runs.remarks', 'runs.remark');
}
