/** The run that somebody means at the command line. */
import type { Core } from '#shared/contract/contract.ts';
import { runIdSchema, type RunId } from '#shared/identifiers.ts';
import { ProblemError } from '#shared/problem.ts';

/** A whole id, a beginning of it or of its random last part that fits one run only, or `last` for the newest; refused in one sentence otherwise. */
export async function findRun(core: Core, named: string): Promise<RunId> {
  const whole = runIdSchema.safeParse(named);
  if (whole.success) return whole.data;
  const { runs } = await core.request('runs.list', {});
  if (named === 'last') {
    const newest = runs[0];
    if (newest) return newest.run;
    throw new ProblemError({ code: 'no-runs', message: 'The archive holds no runs yet.', tip: 'testops demo makes one.' });
  }
  const fitting = runs.filter(({ run }) => run.startsWith(named) || run.slice(run.lastIndexOf('-') + 1).startsWith(named));
  if (fitting.length === 1 && fitting[0]) return fitting[0].run;
  throw new ProblemError(
    fitting.length === 0
      ? { code: 'unknown-run', message: `No run is called ${named}.`, tip: 'testops runs list shows the runs.' }
      : { code: 'ambiguous-run', message: `${fitting.length} runs fit ${named}.`, tip: 'Write more of the id.' },
  );
}
