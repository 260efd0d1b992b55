/** A run as one JSON document, for programs that want its answers and not its log. */
import type { RunFacts } from '../run-facts.ts';
import type { PreviousAnswer } from '#shared/run/questions/previous.ts';

/** The text of the JSON report of a run: its manifest without catalogues, and what the questions were answered with. */
export function runJson(facts: RunFacts, previous: PreviousAnswer): string {
  const { manifest, damage, steps, conditions, results, errors, errorsOmitted, remarks, decision } = facts;
  const { catalogues: _, ...run } = manifest;
  const told = previous.kind === 'compared' ? { ...previous, runs: previous.runs.map((past) => past.run) } : previous;
  const document = {
    run,
    decision,
    damage,
    steps: steps.map(({ step, state, startedAt, duration, message, result }) => ({ ...step, state, startedAt, duration, message, result })),
    conditions,
    results: { ...results, trouble: results.trouble.map(({ step }) => step.execution) },
    previous: told,
    errors,
    errorsOmitted,
    remarks,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
