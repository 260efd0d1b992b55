/** `testops check`: every problem of the scenarios, one line each; exit status 2 when any is an error. */
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { Terminal } from '../terminal.ts';
import type { Problem } from '#shared/problem.ts';

/** What a look at a scenario without an environment leaves open. */
export const notChecked: Problem = {
  severity: 'information',
  code: 'not-checked',
  message: 'Commands, components and metrics were not checked against anything.',
  tip: 'Name an environment with -e to check them.',
};

export async function check(
  scenarios: readonly string[],
  options: { readonly environment?: string; readonly offline?: boolean; readonly trust?: boolean; readonly archive: string | undefined },
): Promise<void> {
  const terminal = new Terminal();
  const access = await openCoreAccess(options.archive, options.trust);
  try {
    if (options.environment === undefined) terminal.problem(notChecked);
    let errors = 0;
    for (const scenarioFile of scenarios) {
      const { problems } = await access.core.request('scenario.check', {
        scenarioFile,
        ...(options.environment !== undefined && { environmentFile: options.environment }),
        ...(options.offline && { offline: true }),
      });
      for (const problem of problems) terminal.problem({ file: scenarioFile, ...problem });
      const found = problems.filter((problem) => problem.severity === 'error').length;
      errors += found;
      if (found === 0)
        terminal.line(
          `${scenarioFile}: no errors${problems.length > 0 ? `, ${problems.length} remark${problems.length > 1 ? 's' : ''}` : ''}`,
        );
    }
    if (errors > 0) process.exitCode = exitCodes.usage;
  } finally {
    await access.dispose();
  }
}
