/** What is looked for in a run's records: where a step began, where a line of a log stands. */
import { stepKeys, type KeyedStep } from '#shared/analysis/alignment.ts';
import { templateOf } from '#shared/analysis/log-templates.ts';
import type { RunRecord } from '#shared/run/records.ts';

/** Looks at records, batch after batch; says which one was meant, or null to go on. */
export type Finder = (records: readonly RunRecord[]) => number | null;

/** The record with which the step of this key began. */
export function stepFinder(key: string): Finder {
  const steps: KeyedStep[] = [];
  const sequences: number[] = [];
  return (records) => {
    for (const record of records) {
      if (record.kind !== 'step-started') continue;
      steps.push(record.step);
      sequences.push(record.sequence);
    }
    return sequences[stepKeys(steps).findIndex((step) => step.key === key)] ?? null;
  };
}

export interface FoundLine {
  readonly sequence: number;
  readonly text: string;
}

/** The first line of a component's log that has this template. */
export function lineFinder(component: string, template: string, found: (line: FoundLine) => void): Finder {
  return (records) => {
    for (const record of records) {
      const text = linesOf(record, component).find((line) => templateOf(line) === template);
      if (text === undefined) continue;
      found({ sequence: record.sequence, text });
      return record.sequence;
    }
    return null;
  };
}

/** What a component said in a record; what belongs to no component is its daemon's. */
function linesOf(record: RunRecord, component: string): readonly string[] {
  if (record.kind !== 'observation') return [];
  return record.events.flatMap((event) => (event.kind === 'log' && (event.component ?? record.daemon) === component ? [event.text] : []));
}
