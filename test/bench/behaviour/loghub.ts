/** Grouping accuracy of the log templates on Loghub's samples of 2,000 lines (logpai/loghub): lines whose whole group is as labelled. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { templateOf } from '#shared/analysis/log-templates.ts';
import { readTable } from './labelled-runs.ts';

/** By system: share of lines whose group is that of the labels. */
export function groupingAccuracies(folder: string): ReadonlyMap<string, number> {
  const root = join(folder, 'loghub');
  if (!existsSync(root)) return new Map();
  const files = readdirSync(root).map((system) => [system, join(root, system, `${system}_2k.log_structured.csv`)] as const);
  return new Map(files.filter(([, file]) => existsSync(file)).map(([system, file]) => [system, accuracyOf(file)]));
}

function accuracyOf(file: string): number {
  const [head = [], ...rows] = readTable(file);
  const [content, event] = [head.indexOf('Content'), head.indexOf('EventId')];
  const lines = rows.map((row) => ({ told: templateOf(row[content] ?? ''), labelled: row[event] ?? '' }));
  const labelled = Map.groupBy(lines, (line) => line.labelled);
  const right = [...Map.groupBy(lines, ({ told }) => told).values()].filter((group) => {
    const [first] = group;
    return group.every((line) => line.labelled === first?.labelled) && labelled.get(first?.labelled ?? '')?.length === group.length;
  });
  return right.reduce((sum, group) => sum + group.length, 0) / lines.length;
}
