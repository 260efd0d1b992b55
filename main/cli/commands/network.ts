/** `testops router` and `testops daemon`: the programs of the network, run from the console's own package. */
import { runDaemon } from '#network/daemon/main.ts';
import { runRouter } from '#network/router/main.ts';

export async function router(args: readonly string[]): Promise<void> {
  process.exitCode = await runRouter(args);
}

export async function daemon(args: readonly string[]): Promise<void> {
  process.exitCode = await runDaemon(args);
}
