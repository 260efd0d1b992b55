/** `testops execute`: one command by hand, through the same signed path as a scenario's. */
import { openCoreAccess } from '../core-access.ts';
import { exitCodes } from '../exit-codes.ts';
import { inert, Terminal } from '../terminal.ts';
import { durationText } from '#shared/wording/durations.ts';

export async function execute(
  words: readonly string[],
  options: { readonly environment: string; readonly trust?: boolean; readonly archive: string | undefined },
): Promise<void> {
  const terminal = new Terminal();
  const access = await openCoreAccess(options.archive, options.trust);
  try {
    const { outcome } = await access.core.request('command.execute', { environmentFile: options.environment, words: [...words] });
    if (outcome.result !== '') terminal.line(inert(outcome.result));
    const status = outcome.exitStatus === null ? '' : `, exit status ${outcome.exitStatus}`;
    const message = outcome.message ? `: ${inert(outcome.message)}` : '';
    terminal.line(terminal.colours.dim(`${outcome.status} in ${durationText(outcome.duration)}${status}${message}`));
    process.exitCode = outcome.success ? exitCodes.passed : exitCodes.failed;
  } finally {
    await access.dispose();
  }
}
