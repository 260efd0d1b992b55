/** `testops router` and `testops daemon`: the programs of the network, run from the console's own package. */
const attached = '--attached';

/**
 * With `--attached` the program ends when its standard input does: whoever started it holds the other end, so it does not
 * outlive a console that was killed without a word. Returns the arguments without that one.
 */
function endWithInput(args: readonly string[]): readonly string[] {
  if (!args.includes(attached)) return args;
  process.stdin.on('error', endAsTerminated);
  process.stdin.on('end', endAsTerminated);
  process.stdin.resume();
  return args.filter((each) => each !== attached);
}

/** As a signal would end it, which ends a program that is still loading, and listens to none yet, too. */
function endAsTerminated(): void {
  if (!process.emit('SIGTERM')) process.exit(143);
}

export async function router(args: readonly string[]): Promise<void> {
  const { runRouter } = await import('#network/router/main.ts');
  process.exitCode = await runRouter(endWithInput(args));
  process.stdin.destroy();
}

export async function daemon(args: readonly string[]): Promise<void> {
  // First of all, so that it also holds for what is loaded.
  await import('#network/daemon/little-memory.ts');
  const { runDaemon } = await import('#network/daemon/main.ts');
  const self = [process.execPath, ...process.execArgv, process.argv[1] ?? '', 'daemon'];
  process.exitCode = await runDaemon(endWithInput(args), undefined, self);
  process.stdin.destroy();
}
