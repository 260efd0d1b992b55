/** Executors with real programs, in a folder that each test has for itself. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { CommandOutcome, DaemonEvent } from '#shared/protocol/observations.ts';
import { ChildrenLedger } from '#network/daemon/execution/children-ledger.ts';
import { ComponentCommands } from '#network/daemon/execution/component-commands.ts';
import { ComponentStarter } from '#network/daemon/execution/component-starter.ts';
import { parseDaemonConfiguration } from '#network/daemon/configuration/load.ts';
import { backgroundClock } from '#platform/clock.ts';
import { Executor } from '#network/daemon/execution/executor.ts';
import { startObservation } from '#network/daemon/observation.ts';
import type { Reporter } from '#network/daemon/ports.ts';

/** Of the test that runs. */
export let folder = '';
const cleanups: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'executor-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true, force: true });
});

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function until<T>(look: () => T | undefined | false | Promise<T | undefined | false>, what = 'the condition'): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const found = await look();
    if (found) return found;
    await pause(10);
  }
  throw new Error(`Waited in vain for ${what}.`);
}

/** An executor over a configuration's `components` and `actions`, with a real component watcher. */
export async function executorOf(yaml: string) {
  const text = `daemon: MEP\nenvironment: test\nrouter: nats://127.0.0.1:4222\nstate: state\n${yaml}`;
  const { configuration, problems } = await parseDaemonConfiguration(text, join(folder, 'daemon.yaml'));
  if (!configuration) throw new Error(JSON.stringify(problems));
  const events: DaemonEvent[] = [];
  const reporter: Reporter = { event: (event) => void events.push(event), declare: () => 0, samples: () => undefined };
  const observation = await startObservation(configuration, reporter, backgroundClock);
  const ledger = new ChildrenLedger(join(folder, 'children.ndjson'), () => undefined);
  const { components } = configuration;
  const { control } = observation;
  const now = Date.now;
  const starter = new ComponentStarter({
    components,
    control,
    ledger,
    reporter,
    folder: join(folder, 'output'),
    markPrefix: folder,
    now,
    restartDelay: 50,
  });
  const commands = new ComponentCommands(components, control, starter);
  const monotonic = () => performance.now();
  const executor = new Executor({
    actions: configuration.actions,
    components: commands,
    control,
    ledger,
    reporter,
    now,
    monotonic,
    markPrefix: folder,
  });
  cleanups.push(
    async () => ledger.dispose(),
    () => observation.dispose(),
    async () => {
      starter.dispose();
      for (const each of components) await commands.stop(each, new AbortController().signal);
    },
    () => executor.dispose(),
  );
  let count = 0;
  const start = (action: string, ...words: string[]) => {
    const prepared = executor.prepare(action, words);
    if ('code' in prepared) throw new Error(`${prepared.code}: ${prepared.reason}`);
    const id = `command-${++count}`;
    return { id, outcome: prepared.execute(id) };
  };
  // A refusal rejects, like everything else that keeps it from an outcome.
  const run = async (action: string, ...words: string[]): Promise<CommandOutcome> => start(action, ...words).outcome;
  const refusal = (action: string, ...words: string[]): string => {
    const prepared = executor.prepare(action, words);
    return 'code' in prepared ? prepared.code : 'accepted';
  };
  const output = (stream = 'stdout') =>
    events.flatMap((event) => (event.kind === 'command-output' && event.stream === stream ? [event.text] : []));
  return { executor, events, output, start, run, refusal, control, ledgerFile: join(folder, 'children.ndjson') };
}

export const script = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text, { mode: 0o755 });
  return path;
};
