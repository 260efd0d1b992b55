/** A nats-server process of a test's own, on a free port of the loopback. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#platform/free-port.ts';

const program = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin']
  .map((folder) => `${folder}/nats-server`)
  .find((path) => existsSync(path));

/** Without the program the tests are skipped and say so; in continuous integration they fail instead. */
export const withoutNatsServer = program === undefined && process.env['CI'] !== 'true';
if (withoutNatsServer) console.warn('Skipped: nats-server is not installed (Debian package nats-server).');

export interface TestRouter {
  readonly url: string;
  /** Ends the process at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/** Starts a server, with more arguments where wanted (`-js`, `-c FILE`); `kill` it at the end. */
export async function startNatsServer(more: readonly string[] = []): Promise<TestRouter> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const router: TestRouter = {
    url: `nats://127.0.0.1:${port}`,
    async start() {
      child = spawn(program ?? 'nats-server', ['-a', '127.0.0.1', '-p', String(port), ...more], { stdio: 'ignore' });
      await once(child, 'spawn');
      await listening(port);
    },
    async kill() {
      const ending = child;
      child = undefined;
      if (!ending || ending.exitCode !== null) return;
      ending.kill('SIGKILL');
      await once(ending, 'exit');
    },
  };
  await router.start();
  return router;
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const reached = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(
      () => false,
    );
    socket.destroy();
    if (reached) return;
    await pause(25);
  }
  throw new Error(`Nothing listens on port ${port}.`);
}
