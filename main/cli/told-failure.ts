/** The one place that tells a user why a command could not do its work, and the exit status that goes with it. */
import { ProblemError, problemOf } from '#shared/problem.ts';
import { exitCodes } from './exit-codes.ts';
import { Terminal } from './terminal.ts';

export function tellFailure(failure: unknown): void {
  const terminal = new Terminal(process.stderr);
  if (failure instanceof ProblemError) {
    for (const problem of [failure.problem, ...(failure.problem.others ?? [])]) terminal.problem(problem);
    process.exitCode = failure.problem.code === 'start-cancelled' ? exitCodes.interrupted : exitCodes.usage;
    return;
  }
  // Nobody foresaw it, so it is a mistake of this program; where it happened is for those who mend it.
  terminal.problem({ ...problemOf(failure), tip: 'This was not foreseen; TESTOPS_DEBUG=1 shows where it happened.' });
  if (process.env['TESTOPS_DEBUG'] && failure instanceof Error) process.stderr.write(`${failure.stack ?? ''}\n`);
  process.exitCode = exitCodes.error;
}
