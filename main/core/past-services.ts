/** What the core offers about the past, put together: comparing, deciding, trends, reports, what is kept. */
import type { MethodTable } from './contract/method-tables.ts';
import { comparisonService } from './history/comparison-service.ts';
import { Comparisons } from './history/comparisons.ts';
import { decisionService } from './history/decision-service.ts';
import type { HistoryParts } from './history/history-parts.ts';
import { releaseService } from './history/release-service.ts';
import { reportService } from './reports/service.ts';
import { retentionService } from './history/retention-service.ts';
import { sampleRunsService } from './history/sample-runs-service.ts';
import type { historyMethods } from '#shared/contract/history.ts';
import type { reportMethods } from '#shared/contract/reports.ts';

export function pastServices(
  parts: HistoryParts,
): MethodTable<Exclude<keyof typeof historyMethods, 'scenario.history'> | keyof typeof reportMethods> {
  const comparisons = new Comparisons(parts);
  const comparison = comparisonService(parts, comparisons);
  const releases = releaseService(parts, comparisons);
  return {
    ...comparison,
    ...decisionService(parts),
    ...releases,
    ...reportService(parts, { ...comparison, ...releases }),
    ...retentionService(parts),
    ...sampleRunsService(parts),
  };
}
