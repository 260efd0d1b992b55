/** Brings the recorded runs that come with the product when somebody asks for them. */
import type { MethodTable } from '../contract/method-tables.ts';
import type { HistoryParts } from './history-parts.ts';

export function sampleRunsService({ samples }: Pick<HistoryParts, 'samples'>): MethodTable<'samples.import'> {
  return { 'samples.import': () => samples.import() };
}
