/** `testops core-process`: not for people; the console starts its core with it. */
import { parentLine, runCoreProcess } from '#main/core-process/core-process.ts';
import { ProblemError } from '#shared/problem.ts';

export async function coreProcess(): Promise<void> {
  if (!process.send) {
    throw new ProblemError({ code: 'no-host', message: 'This command is how the console starts its core.', tip: 'Use testops console.' });
  }
  await runCoreProcess(parentLine());
  // Whatever still holds the process must not keep it from ending.
  process.exit(0);
}
