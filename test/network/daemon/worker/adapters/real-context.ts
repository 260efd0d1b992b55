/** Where an adapter works in a test: real processes, without the guard of a worker. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type {
  AdapterContext,
  FinishedTest,
  GuardedProcess,
  ProcessOptions,
  Runner,
  TestAdapter,
} from '#network/daemon/worker/adapters/adapter.ts';
import type { ListedTest } from '#shared/campaign/plan.ts';
import { testIdSchema, type TestId } from '#shared/campaign/words.ts';

/** A folder for what a test writes; removed when it is disposed of. */
export class Folder implements Disposable {
  readonly path: string;

  constructor(files: Readonly<Record<string, string>> = {}, parent = tmpdir()) {
    this.path = mkdtempSync(join(parent, 'testops-adapter-'));
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    const file = join(this.path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

type Stream = 'stdout' | 'stderr' | 'channel';

class RealProcess implements GuardedProcess {
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #listeners: Record<Stream, Set<(line: string) => void>> = { stdout: new Set(), stderr: new Set(), channel: new Set() };
  readonly ended: GuardedProcess['ended'];

  constructor(child: ChildProcess, channel: boolean) {
    this.#child = child;
    this.#input = (channel ? child.stdio[4] : child.stdin) as Writable;
    // What is written to a process that has ended is lost, as it is for a worker.
    this.#input.on('error', () => undefined);
    const told = [this.#follow('stdout', child.stdout), this.#follow('stderr', child.stderr)];
    if (channel) told.push(this.#follow('channel', child.stdio[3] as Readable));
    this.ended = this.#end(told);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async #end(told: Promise<void>[]): Promise<{ exitStatus: number | null; signal: string | null }> {
    const ended = await new Promise<{ exitStatus: number | null; signal: string | null }>((resolve) => {
      this.#child.once('exit', (exitStatus, signal) => resolve({ exitStatus, signal }));
    });
    await Promise.all(told);
    return ended;
  }

  async #follow(stream: Stream, readable: Readable | null): Promise<void> {
    if (!readable) return;
    for await (const line of createInterface({ input: readable, crlfDelay: Infinity })) {
      for (const listener of this.#listeners[stream]) listener(line.slice(0, 65_536));
    }
  }

  write(text: string): void {
    this.#input.write(text);
  }

  endInput(): void {
    this.#input.end();
  }

  onLine(stream: Stream, listener: (line: string) => void): () => void {
    this.#listeners[stream].add(listener);
    return () => this.#listeners[stream].delete(listener);
  }

  async kill(): Promise<void> {
    if (this.#child.pid !== undefined) {
      try {
        process.kill(-this.#child.pid, 'SIGKILL');
      } catch {
        // Gone already.
      }
    }
    await this.ended;
  }
}

/** Ends everything that it started when it is disposed of, and removes its scratch. */
export class RealContext<Settings> implements AdapterContext<Settings>, AsyncDisposable {
  readonly folder: string;
  readonly settings: Settings;
  readonly timeout: number;
  readonly processes: RealProcess[] = [];
  readonly #scratch = new Folder();

  constructor(adapter: TestAdapter<Settings>, folder: string, settings: Readonly<Record<string, unknown>>, timeout = 60_000) {
    this.folder = folder;
    this.settings = adapter.settings.parse(settings);
    this.timeout = timeout;
  }

  get scratch(): string {
    return this.#scratch.path;
  }

  async start({ command, directory, variables, channel = false }: ProcessOptions): Promise<GuardedProcess> {
    const [program = '', ...words] = command;
    const child = spawn(program, words, {
      cwd: directory ?? this.folder,
      detached: true,
      // What vitest says to its own processes is nothing to those that are tested.
      env: { PATH: process.env['PATH'], HOME: process.env['TESTOPS_HOME'], LANG: 'C.UTF-8', ...variables },
      stdio: channel ? ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] : ['pipe', 'pipe', 'pipe'],
    });
    await new Promise((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    const started = new RealProcess(child, channel);
    this.processes.push(started);
    return started;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.processes.map((each) => each.kill()));
    this.#scratch[Symbol.dispose]();
  }
}

/** What came of each test of a run; `missing` for those of which nothing was told. Fails when one is told twice. */
export interface Ran {
  readonly started: string[];
  readonly finished: Map<string, FinishedTest>;
  readonly verdicts: Record<string, string>;
}

export async function runTests(runner: Runner, tests: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const started: string[] = [];
  const finished = new Map<string, FinishedTest>();
  const ids: TestId[] = tests.map((test) => testIdSchema.parse(test));
  await runner.run(ids, variables, {
    started: (test) => started.push(test),
    finished(test) {
      if (!tests.includes(test.test) || finished.has(test.test)) throw new Error(`${test.test} was told twice, or not asked for.`);
      finished.set(test.test, test);
    },
  });
  return { started, finished, verdicts: Object.fromEntries(tests.map((test) => [test, finished.get(test)?.verdict ?? 'missing'])) };
}

/** Lists all tests of a folder. */
export async function listTests<Settings>(
  adapter: TestAdapter<Settings>,
  folder: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<readonly ListedTest[]> {
  await using context = new RealContext(adapter, folder, settings);
  return await adapter.list(context);
}

/** Opens a runner, executes tests in it one request after the other, and closes it. */
export async function openAndRun<Settings>(
  adapter: TestAdapter<Settings>,
  folder: string,
  tests: readonly string[],
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Ran> {
  await using context = new RealContext(adapter, folder, settings);
  const runner = await adapter.open(context);
  const ran = await runTests(runner, tests);
  await runner.close();
  return ran;
}

/** How often each verdict was given. */
export function counted({ verdicts }: Pick<Ran, 'verdicts'>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const verdict of Object.values(verdicts)) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}
