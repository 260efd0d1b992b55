/** How the steps of the candidate and of the baseline's runs lie beside each other. */
import type { ComparedStep, Finding } from './comparison.ts';
import { stepOfRow, type ComparisonContext } from './findings.ts';
import { median } from './robust.ts';

/** One row per step of any run, in the order of the alignment. */
export function comparedSteps(context: ComparisonContext, findings: readonly Finding[]): ComparedStep[] {
  const told = new Map<string, number>();
  for (const { step } of findings) if (step !== null) told.set(step, (told.get(step) ?? 0) + 1);
  return context.aligned.flatMap((row) => {
    const step = stepOfRow(context, row);
    if (!step) return [];
    const own = row.candidate < 0 ? undefined : context.candidate.steps[row.candidate];
    const others = context.runs.flatMap((run, index) => run.steps[row.baseline[index] ?? -1] ?? []);
    const durations = others.flatMap(({ duration }) => (duration === null ? [] : [duration]));
    const states = [...Map.groupBy(others, ({ state }) => state)].map(([state, each]) => ({ state, runs: each.length }));
    const { key, scenario, line, number, text, occurrence, depth } = step;
    const range = durations.length === 0 ? {} : { range: { low: Math.min(...durations), high: Math.max(...durations) } };
    return [
      {
        key,
        scenario,
        line,
        number,
        text,
        occurrence,
        depth,
        side: !own ? 'baseline' : others.length === 0 ? 'candidate' : 'both',
        candidate: own ? { execution: own.execution, state: own.state, duration: own.duration } : null,
        baseline:
          others.length === 0
            ? null
            : {
                runs: others.length,
                duration: durations.length === 0 ? null : median(durations),
                ...range,
                states: states.sort((left, right) => right.runs - left.runs),
              },
        findings: told.get(row.key) ?? 0,
      },
    ];
  });
}
