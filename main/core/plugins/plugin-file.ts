/**
 * One plugin file and the processes in which it runs: one without network that only tells what commands there are, and one that
 * executes them. That one is started when a command needs it, and again after it has ended for whatever reason; a command that
 * was running then fails with a sentence, and nothing else happens.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Socket } from 'node:net';
import { fromPluginSchema, maximumMessageLength, type FromPlugin, type ToPlugin } from './messages.ts';
import { refusalOf } from './plugin-folder.ts';
import type { PluginSandbox } from './plugin-sandbox.ts';
import { cutLine, LineSplitter } from '#platform/lines.ts';
import { ProblemError } from '#shared/problem.ts';
import type { OutputStream } from '#shared/protocol/observations.ts';
import { secondsText } from '#shared/wording/durations.ts';

/** How a call learns what becomes of it. */
export interface CallListener {
  output(stream: OutputStream, text: string): void;
  read(name: string): string | number | null;
  finished(answer: Extract<FromPlugin, { kind: 'finished' }>): void;
  /** The process ended without an answer. */
  lost(message: string): void;
}

interface Started {
  readonly child: ChildProcess;
  readonly channel: Socket;
  /** Resolves with the raw descriptions of its commands; rejects when the file cannot be loaded. */
  readonly loaded: Promise<readonly unknown[]>;
}

/** The program of the plugin process: beside this file, as sources or as the bundle made of them. */
function programFiles(): readonly [string, ...string[]] {
  const at = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
  const source = at('./plugin-process.ts');
  return existsSync(source) ? [source, at('./plugin-hurdles.ts')] : [at('./plugin-process.mjs')];
}

/** What Node is told before its program. */
function nodeArguments(file: string, files: readonly string[], network: boolean): string[] {
  const { allowedNodeEnvironmentFlags: known } = process;
  return [
    '--permission',
    ...[`${dirname(file)}/*`, ...files].map((path) => `--allow-fs-read=${path}`),
    // From version 25 on Node restricts the network too.
    ...(network && known.has('--allow-net') ? ['--allow-net'] : []),
    // It would write files whatever the permissions say, and a signal would start a debugger.
    '--no-experimental-sqlite',
    '--disable-sigusr1',
    '--max-old-space-size=256',
    '--disable-warning=ExperimentalWarning',
    '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
  ];
}

/** Bytes of answers that may wait for a plugin; one that asks and never listens must not fill the core's memory. */
const maximumUnheard = 4 * 1024 * 1024;

export class PluginFile {
  readonly name: string;
  private readonly file: string;
  private readonly sandbox: PluginSandbox;
  private readonly loadTimeout: number;
  private readonly calls = new Map<number, CallListener>();
  private lastCall = 0;
  /** The process that executes commands. */
  private started: Started | null = null;
  private readonly running = new Set<ChildProcess>();
  private readonly exits = new Set<Promise<void>>();
  private disposed = false;

  constructor(file: string, sandbox: PluginSandbox, loadTimeout: number) {
    this.file = file;
    this.name = basename(file);
    this.sandbox = sandbox;
    this.loadTimeout = loadTimeout;
  }

  /** Resolves with what the file says of its commands, undecoded. They are learnt without network, in a process that ends with that. */
  async describe(): Promise<readonly unknown[]> {
    const describing = this.start(false);
    try {
      return await describing.loaded;
    } finally {
      describing.child.kill('SIGKILL');
    }
  }

  /** Gives a command to the process; exactly one of the listener's `finished` and `lost` is called, unless {@link forget} comes first. */
  call(order: Omit<Extract<ToPlugin, { kind: 'execute' }>, 'kind' | 'call'>, listener: CallListener): number {
    const call = ++this.lastCall;
    this.calls.set(call, listener);
    this.ready().then(
      () => {
        if (this.calls.has(call)) this.tell({ kind: 'execute', call, ...order });
      },
      (failure: unknown) => this.takeCall(call)?.lost(failure instanceof Error ? failure.message : String(failure)),
    );
    return call;
  }

  abort(call: number): void {
    if (this.calls.has(call)) this.tell({ kind: 'cancel', call });
  }

  /** No longer waits for this call. */
  forget(call: number): void {
    this.calls.delete(call);
  }

  /** Ends the process at once; a later call starts a new one. */
  kill(reason: string): void {
    const started = this.started;
    this.started = null;
    started?.child.kill('SIGKILL');
    this.failCalls(reason);
  }

  /** Resolves when no process of this file is left. */
  async dispose(): Promise<void> {
    this.disposed = true;
    this.kill(this.closed());
    for (const child of this.running) child.kill('SIGKILL');
    await Promise.all(this.exits);
  }

  private closed(): string {
    return `The plugin ${this.name} was closed.`;
  }

  /** Resolves when the process that executes is there and has loaded the file; starts it if none runs. */
  private async ready(): Promise<void> {
    if (!this.started) {
      // Somebody may have put a link there meanwhile.
      const refusal = await refusalOf(dirname(this.file));
      if (refusal) throw new ProblemError(refusal);
      if (this.disposed) throw new ProblemError({ code: 'plugin-closed', message: this.closed() });
      this.started ??= this.start(true);
    }
    await this.started.loaded;
  }

  private start(network: boolean): Started {
    const files = programFiles();
    const folder = dirname(this.file);
    const words = [...nodeArguments(this.file, files, network), files[0], this.file];
    const program = { node: realpathSync(process.execPath), files, arguments: words, folder, network };
    const [command = '', ...rest] = this.sandbox.command(program);
    const child = spawn(command, rest, {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      env: { TZ: process.env['TZ'] ?? 'UTC' },
      cwd: folder,
    });
    this.running.add(child);
    const channel = child.stdio[3] as Socket;
    const loading = Promise.withResolvers<readonly unknown[]>();
    loading.promise.catch(() => undefined);
    const started: Started = { child, channel, loaded: loading.promise };
    const fail = (reason: string) => {
      loading.reject(new ProblemError({ code: 'plugin-not-loaded', message: reason, file: this.file }));
      if (this.started === started) this.kill(reason);
      else child.kill('SIGKILL');
    };
    const timer = setTimeout(
      () =>
        fail(
          `The plugin ${this.name} was not loaded within ${secondsText(this.loadTimeout)}; move what takes long from its top level into run().`,
        ),
      this.loadTimeout,
    );
    loading.promise.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
    this.hear(
      started,
      (message) => {
        if (message.kind === 'loaded') loading.resolve(message.commands);
        else if (message.kind === 'not-loaded') fail(`The plugin ${this.name} cannot be loaded: ${message.message.slice(0, 1_000)}.`);
        else if (this.started === started) this.dispatch(message);
      },
      fail,
    );
    this.hearOutput(child);
    const exit = new Promise<void>((resolve) => {
      child.once('error', (failure) => {
        fail(`The plugin ${this.name} cannot be started: ${failure.message}.`);
        resolve();
      });
      child.once('close', (status, signal) => {
        const how = signal ? `by ${signal}` : `with exit status ${status}`;
        fail(`The plugin ${this.name} ended its process (${how}) before it had answered.`);
        resolve();
      });
    });
    this.exits.add(exit);
    void exit.then(() => (this.exits.delete(exit), this.running.delete(child)));
    return started;
  }

  private hear(started: Started, take: (message: FromPlugin) => void, fail: (reason: string) => void): void {
    const lines = new LineSplitter({ longest: maximumMessageLength });
    const hearLine = (line: string, cut: boolean): void => {
      if (started.child.killed) return;
      const message = cut ? undefined : decode(line);
      if (message) take(message);
      else
        fail(
          `The plugin ${this.name} sent ${cut ? 'a message that is too long' : 'a message that is none of ours'}; its process was ended.`,
        );
    };
    started.channel.on('data', (bytes: Buffer) => lines.push(bytes, hearLine));
    started.channel.on('error', () => undefined);
  }

  /** What the plugin prints by itself belongs to the call that started last. */
  private hearOutput(child: ChildProcess): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const lines = new LineSplitter();
      const tell = (line: string): void => [...this.calls.values()].at(-1)?.output(stream, line);
      child[stream]?.on('data', (bytes: Buffer) => lines.push(bytes, tell));
      child[stream]?.on('end', () => lines.flush(tell));
      child[stream]?.on('error', () => undefined);
    }
  }

  private dispatch(message: Exclude<FromPlugin, { kind: 'loaded' | 'not-loaded' }>): void {
    const listener = this.calls.get(message.call);
    if (!listener) return;
    switch (message.kind) {
      case 'output':
        for (const line of message.text.split('\n')) listener.output('stdout', cutLine(line));
        break;
      case 'read':
        this.tell({ kind: 'reading', request: message.request, value: listener.read(message.name) });
        break;
      case 'finished':
        this.takeCall(message.call)?.finished(message);
        break;
    }
  }

  private takeCall(call: number): CallListener | undefined {
    const listener = this.calls.get(call);
    this.calls.delete(call);
    return listener;
  }

  private failCalls(reason: string): void {
    const listeners = [...this.calls.values()];
    this.calls.clear();
    for (const listener of listeners) listener.lost(reason);
  }

  private tell(message: ToPlugin): void {
    const { started } = this;
    if (!started) return;
    started.channel.write(`${JSON.stringify(message)}\n`);
    if (started.channel.writableLength <= maximumUnheard) return;
    this.kill(`The plugin ${this.name} asks and does not listen to the answers; its process was ended.`);
  }
}

function decode(line: string): FromPlugin | undefined {
  try {
    return fromPluginSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
