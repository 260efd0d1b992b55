/** An adapter by itself: real programs, no daemon around it. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LineSplitter } from '#platform/lines.ts';
import type { AdapterContext, FinishedTest, GuardedProcess, ProcessOptions, TestAdapter } from '#network/daemon/worker/adapters/adapter.ts';
import type { TestId } from '#shared/campaign/words.ts';

export class AdapterUnderTest<Settings> {
  readonly folder: string;
  readonly scratch: string;
  private readonly adapter: TestAdapter<Settings>;

  private constructor(adapter: TestAdapter<Settings>, folder: string) {
    this.adapter = adapter;
    this.folder = join(folder, 'package');
    this.scratch = join(folder, 'scratch');
  }

  static async open<Settings>(adapter: TestAdapter<Settings>): Promise<AdapterUnderTest<Settings>> {
    const made = new AdapterUnderTest(adapter, await mkdtemp(join(tmpdir(), 'adapter-')));
    for (const each of [made.folder, made.scratch]) await mkdir(each);
    return made;
  }

  async file(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(this.folder, path)), { recursive: true });
    await writeFile(join(this.folder, path), text, { mode: 0o755 });
  }

  async list(settings: unknown): Promise<readonly { readonly test: string; readonly unit: string }[]> {
    return (await this.adapter.list(this.context(settings))).map(({ test, unit }) => ({ test, unit }));
  }

  /** What was told, in its order; what could not be told otherwise is the `failure`. */
  async run(
    settings: unknown,
    tests: readonly string[],
  ): Promise<{ readonly finished: readonly FinishedTest[]; readonly started: readonly string[]; readonly failure?: unknown }> {
    const finished: FinishedTest[] = [];
    const started: string[] = [];
    const runner = await this.adapter.open(this.context(settings));
    try {
      await runner.run(tests as readonly TestId[], {}, { started: (test) => started.push(test), finished: (test) => finished.push(test) });
      return { finished, started };
    } catch (failure) {
      return { finished, started, failure };
    } finally {
      await runner.close();
    }
  }

  async close(): Promise<void> {
    await rm(dirname(this.folder), { recursive: true, force: true });
  }

  private context(settings: unknown): AdapterContext<Settings> {
    return {
      folder: this.folder,
      scratch: this.scratch,
      settings: this.adapter.settings.parse(settings),
      timeout: 10_000,
      start: (options) => Promise.resolve(start({ directory: this.folder, ...options })),
    };
  }
}

/** As the worker starts processes, as far as adapters can tell. */
function start({ command: [program = '', ...words], directory, variables }: ProcessOptions): GuardedProcess {
  const child = spawn(program, words, { cwd: directory, env: { ...process.env, ...variables } });
  const ended = new Promise<{ exitStatus: number | null; signal: string | null }>((resolve) => {
    child.once('close', (exitStatus, signal) => resolve({ exitStatus, signal: signal?.replace(/^SIG/, '') ?? null }));
  });
  return {
    pid: child.pid ?? 0,
    write: (text) => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    onLine(stream, listener) {
      const lines = new LineSplitter();
      const source = stream === 'stderr' ? child.stderr : child.stdout;
      source.on('data', (chunk: Buffer) => lines.push(chunk, listener));
      source.on('close', () => lines.flush(listener));
      return () => undefined;
    },
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
